import { connectionErrorText } from '@pms/shared/errors'
import { Card, type Tone } from '../ui/card.tsx'
import { Notice } from '../ui/notice.tsx'
import { usePageTitle } from '../ui/use-page-title.ts'
import { SetupBody } from './setup-body.tsx'
import { StateHeading } from './state-heading.tsx'
import type { SetupState } from './setup-view.ts'
import { useDisconnect } from './use-disconnect.ts'
import { useSetupStatus } from './use-setup-status.ts'
import { useStartConnection } from './use-start-connection.ts'
import { setupWords } from './words.ts'

const tones: Record<SetupState['kind'], Tone> = {
  loading: 'neutral',
  unreachable: 'warning',
  broken: 'bad',
  'not-connected': 'neutral',
  redirecting: 'progress',
  connecting: 'progress',
  choosing: 'progress',
  replacing: 'warning',
  'timed-out': 'warning',
  connected: 'good',
  failed: 'bad',
}

/** The page where a practice connects its practice management system. */
export function SetupPage() {
  usePageTitle(setupWords.title)
  const { view, trouble, checkAgain } = useSetupStatus()
  const start = useStartConnection()
  const ending = useDisconnect()
  const state: SetupState = start.redirecting ? { kind: 'redirecting' } : view
  const isSaid = trouble === 'unreachable' && state.kind === 'unreachable'

  return (
    <>
      <h1>{setupWords.heading}</h1>
      <p className="lead">{setupWords.lead}</p>
      <Card tone={toneOf(state)}>
        <div className="state" aria-live="polite">
          <StateHeading state={state} />
          {ending.done && state.kind === 'not-connected' && <Notice tone="good">{setupWords.disconnect.done}</Notice>}
          {trouble && !isSaid && state.kind !== 'redirecting' && <Notice>{setupWords.trouble[trouble]}</Notice>}
        </div>
        <SetupBody state={state} start={start} ending={ending} checkAgain={checkAgain} />
      </Card>
    </>
  )
}

/** A cancellation was the person's own wish. */
function toneOf(state: SetupState): Tone {
  const cancelled = state.kind === 'failed' && state.text === connectionErrorText.ACCESS_DENIED
  return cancelled ? 'neutral' : tones[state.kind]
}
