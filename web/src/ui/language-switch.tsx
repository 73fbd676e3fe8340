import { languageNames } from '@pms/shared/languages'
import { languages } from '../words/catalogue.ts'
import { useLanguage } from '../words/use-words.tsx'

/** The other languages, each by its own name. */
export function LanguageSwitch() {
  const { language, choose } = useLanguage()
  return (
    <div className="languages">
      {languageNames
        .filter((name) => name !== language)
        .map((name, place) => (
          // By its place: the button that was pressed stays, with the focus, and names another language.
          // oxlint-disable-next-line react/no-array-index-key -- that is what keeps it
          <button key={place} type="button" className="button button-quiet" lang={name} onClick={() => choose(name)}>
            {languages[name].name}
          </button>
        ))}
    </div>
  )
}
