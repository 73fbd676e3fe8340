import { useEffect, useRef } from 'react'

/**
 * Another page begins at its heading, for the keyboard and for a screen reader; the first one where the browser does.
 * @param shown what is on screen, by a name
 */
export function useFocusAtChange(shown: string): void {
  const before = useRef(shown)
  useEffect(() => {
    if (before.current === shown) return
    before.current = shown
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [shown])
}
