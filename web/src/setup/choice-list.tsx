import type { PracticeChoice } from '@pms/shared/connection-status'
import { useId, useState } from 'react'
import { fill } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { PracticeText } from './practice-text.tsx'

/** From so many on, a search field helps. */
const searchedFrom = 8

/** Offices to choose from, with what tells those of one name apart (P15). The chosen one stays in sight. */
export function ChoiceList({ choices }: { choices: readonly PracticeChoice[] }) {
  const { choosing: words } = useWords()
  const [sought, setSought] = useState('')
  const [chosen, setChosen] = useState<string>()
  const id = useId()
  const found = choices.filter((choice) => matches(choice, sought))
  return (
    <>
      {choices.length >= searchedFrom && (
        <div className="choice-search">
          <label htmlFor={id}>{words.search}</label>
          <input
            id={id}
            type="search"
            autoComplete="off"
            value={sought}
            onChange={(event) => setSought(event.target.value)}
            // Enter would send the form, whatever is chosen in it.
            onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          />
          <output>
            {sought !== '' && fill(words.found, { count: String(found.length), all: String(choices.length) })}
          </output>
        </div>
      )}
      <fieldset className="choices">
        <legend className="visually-hidden">{words.legend}</legend>
        {choices.map((choice) =>
          found.includes(choice) || choice.id === chosen ? (
            <label key={choice.id} className="choice">
              <input
                type="radio"
                name="practice"
                value={choice.id}
                checked={choice.id === chosen}
                onChange={() => setChosen(choice.id)}
                required
              />
              <span>
                <PracticeText practice={choice} />
                <Whereabouts choice={choice} />
              </span>
            </label>
          ) : null,
        )}
      </fieldset>
    </>
  )
}

function Whereabouts({ choice: { city, state, places, officeId } }: { choice: PracticeChoice }) {
  const { choosing: words } = useWords()
  const facts = [
    [city, state].filter((part) => part !== undefined).join(', '),
    places === undefined ? '' : fill(words.places, { count: String(places) }),
    officeId === undefined ? '' : fill(words.office, { id: officeId }),
  ].filter((fact) => fact !== '')
  if (facts.length === 0) return null
  return (
    <small>
      {facts.map((fact, index) => (
        <span key={fact}>
          {index > 0 && ' · '}
          <bdi>{fact}</bdi>
        </span>
      ))}
    </small>
  )
}

/** Each word that is sought has to occur; accents and capitals do not matter. */
function matches(
  { practiceName, pmsType, city = '', state = '', officeId = '' }: PracticeChoice,
  sought: string,
): boolean {
  const text = plain([practiceName, pmsType, city, state, officeId].join(' '))
  return plain(sought)
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
