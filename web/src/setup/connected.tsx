import { reviewPath } from '@pms/shared/setup-redirect'
import { Link } from 'wouter'
import { fill } from '../words/filled.tsx'
import { useMoment } from '../words/use-moment.ts'
import { useWords } from '../words/use-words.tsx'
import { Abilities } from './abilities.tsx'
import { DisconnectButton } from './disconnect-button.tsx'
import type { PracticeName } from './setup-view.ts'
import type { Disconnect } from './use-disconnect.ts'

interface ConnectedProps {
  practice: PracticeName
  connectedAt: string | undefined
  ending: Disconnect
}

/** Since when, what the connection is good for, and the way on, or out. */
export function Connected({ practice, connectedAt, ending }: ConnectedProps) {
  const { connected: words } = useWords()
  const say = useMoment()
  return (
    <>
      {connectedAt !== undefined && <p className="since">{fill(words.since, { time: say(connectedAt) })}</p>}
      <Abilities />
      <div className="actions">
        <Link className="button button-primary" href={reviewPath}>
          {words.button}
        </Link>
        <DisconnectButton practice={practice} ending={ending} />
      </div>
    </>
  )
}
