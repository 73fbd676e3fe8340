import type { Language } from '@pms/shared/languages'
import type { words as english } from './en.ts'
import type { stepWords as englishSteps } from './steps-en.ts'

/** English's own shape with any text in place of its texts: a language that lacks one does not compile. */
type Translated<Text> = Text extends string ? string : { readonly [Key in keyof Text]: Translated<Text[Key]> }

export type Words = Translated<typeof english>
export type StepWords = Translated<typeof englishSteps>

/** Each language by its own name, with the words that are loaded when it is chosen, and those of the steps beside the connection. */
export const languages = {
  en: {
    name: 'English',
    load: async (): Promise<Words> => (await import('./en.ts')).words,
    loadSteps: async (): Promise<StepWords> => (await import('./steps-en.ts')).stepWords,
  },
  'fr-CA': {
    name: 'Français',
    load: async (): Promise<Words> => (await import('./fr-ca.ts')).words,
    loadSteps: async (): Promise<StepWords> => (await import('./steps-fr-ca.ts')).stepWords,
  },
} as const satisfies Record<Language, object>
