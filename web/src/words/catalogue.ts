import type { words as english } from './en.ts'

/** English's own shape with any text in place of its texts: a language that lacks one does not compile. */
type Translated<Text> = Text extends string ? string : { readonly [Key in keyof Text]: Translated<Text[Key]> }

export type Words = Translated<typeof english>

/** Each language by its own name, and with the words that are loaded when it is chosen. */
export const languages = {
  en: { name: 'English', load: async (): Promise<Words> => (await import('./en.ts')).words },
  'fr-CA': { name: 'Français', load: async (): Promise<Words> => (await import('./fr-ca.ts')).words },
} as const

export type Language = keyof typeof languages

export const languageNames = Object.keys(languages) as Language[]
