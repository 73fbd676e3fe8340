import { Broken } from './broken.tsx'
import { Connected } from './connected.tsx'
import { Connecting } from './connecting.tsx'
import { Failed } from './failed.tsx'
import { NotConnected } from './not-connected.tsx'
import type { SetupState } from './setup-view.ts'
import { TimedOut } from './timed-out.tsx'
import type { StartConnection } from './use-start-connection.ts'

interface SetupBodyProps {
  state: SetupState
  start: StartConnection
  checkAgain: () => Promise<boolean>
}

/** What belongs to a state below its heading: details and the way on. */
export function SetupBody({ state, start, checkAgain }: SetupBodyProps) {
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
    case 'timed-out':
      return <TimedOut attemptId={state.attemptId} checkAgain={checkAgain} />
    case 'connected':
      return <Connected />
    case 'failed':
      return <Failed failure={state} start={start} />
  }
}
