import { Skeleton } from '../ui/skeleton.tsx'
import { useLoaded } from '../ui/use-loaded.ts'
import { Connected } from './connected.tsx'
import { Connecting } from './connecting.tsx'
import { NotConnected } from './not-connected.tsx'
import type { SetupState } from './setup-view.ts'
import type { Disconnect } from './use-disconnect.ts'
import type { SetupStatus } from './use-setup-status.ts'
import type { StartConnection } from './use-start-connection.ts'

/** What most people never see: fetched once the page is there. */
const loadLater = () => import('./later-states.tsx')
const laterStates = new Set<SetupState['kind']>(['choosing', 'replacing', 'timed-out', 'failed'])

interface SetupBodyProps extends Pick<SetupStatus, 'checkAgain'> {
  state: SetupState
  start: StartConnection
  ending: Disconnect
  installed: boolean
}

/** What belongs to a state below its heading: details and the way on. */
export function SetupBody({ state, start, ending, installed, checkAgain }: SetupBodyProps) {
  const isLater = laterStates.has(state.kind)
  const later = useLoaded(loadLater, isLater)
  if (isLater && !later) return <Skeleton lines={4} />
  switch (state.kind) {
    case 'loading':
      return <Skeleton lines={4} />
    case 'redirecting':
      return null
    case 'unreachable':
      return later && <later.Retry onRetry={checkAgain} />
    case 'broken':
      return later && <later.Retry requestId={state.requestId} onRetry={checkAgain} />
    case 'not-connected':
      return (
        <NotConnected
          installed={installed}
          start={start.begin}
          problem={later && <later.CallProblem failure={start.failure} call="start" />}
        />
      )
    case 'connecting':
      return <Connecting step={state.step} />
    case 'choosing':
    case 'replacing':
      return (
        later && (
          <later.Question question={state} startProblem={start.failure} start={start.begin} checkAgain={checkAgain} />
        )
      )
    case 'timed-out':
      return later && <later.TimedOut attemptId={state.attemptId} checkAgain={checkAgain} />
    case 'connected':
      return <Connected practice={state.practice} connectedAt={state.connectedAt} ending={ending} />
    case 'failed':
      return later && <later.Failed failure={state} start={start} />
  }
}
