/** The languages of the page, by their BCP 47 tags. */
export const languageNames = ['en', 'fr-CA'] as const
export type Language = (typeof languageNames)[number]

/**
 * The language to begin with: the one chosen before, else the first of the browser's own that there is, in any of its regions,
 * else English.
 * @param wished language tags, best first
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
