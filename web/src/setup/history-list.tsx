import type { ConnectionHistory, HistoryEventName } from '@pms/shared/connection-history'
import { useMoment } from '../words/use-moment.ts'
import { useWords } from '../words/use-words.tsx'

type HistoryEvent = ConnectionHistory['events'][number]

const good = new Set<HistoryEventName>(['connected', 'refreshed'])
const bad = new Set<HistoryEventName>(['failed', 'reconnect_required', 'refused', 'denied', 'expired'])

/** Events as a timeline, newest first. */
export function HistoryList({ events }: { events: readonly HistoryEvent[] }) {
  const { history: words, failed } = useWords()
  const say = useMoment()
  const names: Partial<Record<string, string>> = words.events
  const advice: Partial<Record<string, string>> = failed.advice
  if (events.length === 0) return <p>{words.none}</p>
  return (
    <ol className="timeline">
      {events.map(({ id, at, event, errorCode }) => (
        <li key={id} className={good.has(event) ? 'timeline-good' : bad.has(event) ? 'timeline-bad' : undefined}>
          <span className="timeline-event">{names[event] ?? words.from}</span>
          <time dateTime={at}>{say(at)}</time>
          {errorCode !== undefined && event !== 'denied' && <p>{advice[errorCode]}</p>}
        </li>
      ))}
    </ol>
  )
}
