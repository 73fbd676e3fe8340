import { reviewPath } from '@pms/shared/setup-redirect'
import { Link } from 'wouter'
import { useWords } from '../words/use-words.tsx'
import { Abilities } from './abilities.tsx'
import { DisconnectButton } from './disconnect-button.tsx'
import type { PracticeName } from './setup-view.ts'
import type { Disconnect } from './use-disconnect.ts'

/** What the connection is good for, and the way on, or out. */
export function Connected({ practice, ending }: { practice: PracticeName; ending: Disconnect }) {
  const { connected } = useWords()
  return (
    <>
      <Abilities />
      <div className="actions">
        <Link className="button button-primary" href={reviewPath}>
          {connected.button}
        </Link>
        <DisconnectButton practice={practice} ending={ending} />
      </div>
    </>
  )
}
