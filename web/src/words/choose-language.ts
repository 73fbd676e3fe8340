import { keep, readKept } from '../kept.ts'
import { languageNames, type Language } from './catalogue.ts'

/** Where a choice is kept, in this browser alone. */
const key = 'pms-language'

/**
 * The language to begin with: the one chosen here before, else the first of the browser's own that there is, in any
 * of its regions, else English.
 */
export function languageOf(kept: string | null, wished: readonly string[]): Language {
  const chosen = languageNames.find((name) => name === kept)
  if (chosen) return chosen
  for (const wish of wished) {
    const match = languageNames.find((name) => primary(name) === primary(wish))
    if (match) return match
  }
  return 'en'
}

/** `fr` of `fr-CA`. */
function primary(tag: string): string | undefined {
  return tag.toLowerCase().split('-')[0]
}

export function firstLanguage(): Language {
  return languageOf(readKept(key), navigator.languages)
}

/** Remembers the choice; a browser that keeps nothing begins with its own language again. */
export function keepLanguage(language: Language): void {
  keep(key, language)
}
