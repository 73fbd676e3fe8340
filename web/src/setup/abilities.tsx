import { CalendarCheck, CalendarSearch, UserRound } from 'lucide'
import { Icon } from '../ui/icon.tsx'
import { useWords } from '../words/use-words.tsx'

const icons = [CalendarCheck, CalendarSearch, UserRound]

/** What the connection is good for. */
export function Abilities() {
  const { connected } = useWords()
  return (
    <>
      <p>{connected.agentCan}</p>
      <ul className="abilities">
        {connected.abilities.map((ability, index) => {
          const icon = icons[index] ?? CalendarCheck
          return (
            <li key={ability}>
              <Icon of={icon} />
              {ability}
            </li>
          )
        })}
      </ul>
    </>
  )
}
