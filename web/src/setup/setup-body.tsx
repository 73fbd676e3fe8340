import { Broken } from './broken.tsx'
import { Choosing } from './choosing.tsx'
import { Connected } from './connected.tsx'
import { Connecting } from './connecting.tsx'
import { Failed } from './failed.tsx'
import { NotConnected } from './not-connected.tsx'
import { Replacing } from './replacing.tsx'
import type { SetupState } from './setup-view.ts'
import { TimedOut } from './timed-out.tsx'
import type { Disconnect } from './use-disconnect.ts'
import type { SetupStatus } from './use-setup-status.ts'
import type { StartConnection } from './use-start-connection.ts'

interface SetupBodyProps extends Pick<SetupStatus, 'checkAgain'> {
  state: SetupState
  start: StartConnection
  ending: Disconnect
}

/** What belongs to a state below its heading: details and the way on. */
export function SetupBody({ state, start, ending, checkAgain }: SetupBodyProps) {
  switch (state.kind) {
    case 'loading':
    case 'unreachable':
    case 'redirecting':
      return null
    case 'broken':
      return <Broken requestId={state.requestId} onRetry={checkAgain} />
    case 'not-connected':
      return <NotConnected start={start} />
    case 'connecting':
      return <Connecting step={state.step} />
    case 'choosing':
      // A question that is asked anew knows nothing of the answer to the one before.
      return (
        <Choosing
          key={state.choices[0].id}
          question={state}
          startProblem={start.failure}
          start={start.begin}
          checkAgain={checkAgain}
        />
      )
    case 'replacing':
      return (
        <Replacing
          key={state.choice.id}
          question={state}
          startProblem={start.failure}
          start={start.begin}
          checkAgain={checkAgain}
        />
      )
    case 'timed-out':
      return <TimedOut attemptId={state.attemptId} checkAgain={checkAgain} />
    case 'connected':
      return <Connected practice={state.practice} ending={ending} />
    case 'failed':
      return <Failed failure={state} start={start} />
  }
}
