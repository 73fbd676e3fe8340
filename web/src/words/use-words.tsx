import type { Language } from '@pms/shared/languages'
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react'
import { languages, type Words } from './catalogue.ts'
import { keepLanguage } from './choose-language.ts'

interface Spoken {
  language: Language
  words: Words
}

const SpokenContext = createContext<(Spoken & { choose: (language: Language) => void }) | undefined>(undefined)

/** Says everything below in one language, which a person may change; `first` is loaded already. */
export function Speaking({ first, children }: { first: Spoken; children: ReactNode }) {
  const [spoken, setSpoken] = useState(first)
  const { language } = spoken

  useEffect(() => {
    document.documentElement.lang = language
  }, [language])

  const value = useMemo(
    () => ({
      ...spoken,
      choose: (chosen: Language): void => {
        keepLanguage(chosen)
        // Until the words are there, and should they not come, the page stays as it is.
        languages[chosen].load().then(
          (words) => setSpoken({ language: chosen, words }),
          () => undefined,
        )
      },
    }),
    [spoken],
  )
  return <SpokenContext value={value}>{children}</SpokenContext>
}

function useSpoken() {
  const spoken = use(SpokenContext)
  if (!spoken) throw new Error('There are no words outside of <Speaking>')
  return spoken
}

/** The words of the language that is spoken. */
export function useWords(): Words {
  return useSpoken().words
}

export function useLanguage(): { language: Language; choose: (language: Language) => void } {
  return useSpoken()
}
