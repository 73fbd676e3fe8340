import { languageOf, type Language } from '@pms/shared/languages'
import { keep, readKept } from '../kept.ts'

/** Where a choice is kept, in this browser alone. */
const key = 'pms-language'

export function firstLanguage(): Language {
  return languageOf(readKept(key), navigator.languages)
}

/** Remembers the choice; a browser that keeps nothing begins with its own language again. */
export function keepLanguage(language: Language): void {
  keep(key, language)
}
