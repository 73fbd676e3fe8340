import { reviewPath } from '@pms/shared/setup-redirect'
import { useLocation } from 'wouter'
import { Button } from '../ui/button.tsx'
import { DisconnectButton } from './disconnect-button.tsx'
import type { PracticeName } from './setup-view.ts'
import type { Disconnect } from './use-disconnect.ts'
import { setupWords } from './words.ts'

const words = setupWords.connected

/** What the connection is good for, and the way on, or out. */
export function Connected({ practice, ending }: { practice: PracticeName; ending: Disconnect }) {
  const [, navigate] = useLocation()
  return (
    <>
      <p>{words.agentCan}</p>
      <ul className="abilities">
        {words.abilities.map((ability) => (
          <li key={ability}>{ability}</li>
        ))}
      </ul>
      <div className="actions">
        <Button onClick={() => navigate(reviewPath)}>{words.button}</Button>
        <DisconnectButton practice={practice} ending={ending} />
      </div>
    </>
  )
}
