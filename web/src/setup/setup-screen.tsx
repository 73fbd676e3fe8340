import type { ReactNode } from 'react'
import { Card, type Tone } from '../ui/card.tsx'
import { Notice } from '../ui/notice.tsx'
import { useWords } from '../words/use-words.tsx'
import { RunningStep } from './connecting.tsx'
import { SetupBody } from './setup-body.tsx'
import type { SetupState } from './setup-view.ts'
import { StateHeading } from './state-heading.tsx'
import type { Disconnect } from './use-disconnect.ts'
import type { SetupStatus } from './use-setup-status.ts'
import type { StartConnection } from './use-start-connection.ts'
import { Wizard } from './wizard.tsx'

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

export interface SetupScreenProps extends Pick<SetupStatus, 'trouble' | 'checkAgain'> {
  state: SetupState
  start: StartConnection
  ending: Disconnect
  installed: boolean
  /** below the state */
  children?: ReactNode
}

/** The second step of the setup, in any state, from its facts alone. */
export function SetupScreen({ state, trouble, start, ending, installed, checkAgain, children }: SetupScreenProps) {
  const words = useWords()
  return (
    <Wizard at="connect" installed={installed} connected={state.kind === 'connected'}>
      <h1 tabIndex={-1}>{words.setup.heading}</h1>
      <p className="lead">{words.setup.lead}</p>
      <Card tone={toneOf(state)}>
        <StateHeading state={state} installed={installed}>
          {ending.done && state.kind === 'not-connected' && (
            <Notice tone="good">
              <p>{words.disconnect.done}</p>
            </Notice>
          )}
          {trouble && state.kind !== 'redirecting' && (
            <Notice>
              <p>{words.trouble[trouble]}</p>
            </Notice>
          )}
        </StateHeading>
        <RunningStep state={state} />
        <SetupBody state={state} start={start} ending={ending} installed={installed} checkAgain={checkAgain} />
      </Card>
      {children}
    </Wizard>
  )
}

/** What the person has ended. */
const ownWish = /^(access_denied|declined|replaced|disconnected)$/i

function toneOf(state: SetupState): Tone {
  return state.kind === 'failed' && ownWish.test(state.code) ? 'neutral' : tones[state.kind]
}
