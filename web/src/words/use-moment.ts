import { useMemo } from 'react'
import { useLanguage } from './use-words.tsx'

/** Says a time (ISO 8601) as a day and a time of day, by this browser's clock and in the language that is spoken. */
export function useMoment(): (time: string) => string {
  const { language } = useLanguage()
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' })
    return (time) => format.format(new Date(time))
  }, [language])
}
