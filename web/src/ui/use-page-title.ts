import { useEffect } from 'react'
import { frameWords } from './words.ts'

/** Names the browser's tab. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} - ${frameWords.product}`
  }, [title])
}
