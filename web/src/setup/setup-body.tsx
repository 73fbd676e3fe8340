import { Skeleton } from '../ui/skeleton.tsx'
import { useLoaded } from '../ui/use-loaded.ts'
import { Broken } from './broken.tsx'
import { Connected } from './connected.tsx'
import { Connecting } from './connecting.tsx'
import { Failed } from './failed.tsx'
import { NotConnected } from './not-connected.tsx'
import type { SetupState } from './setup-view.ts'
import { TimedOut } from './timed-out.tsx'
import type { Disconnect } from './use-disconnect.ts'
import type { SetupStatus } from './use-setup-status.ts'
import type { StartConnection } from './use-start-connection.ts'

/** Most people are never asked: fetched once the page is there. */
const loadQuestions = () => import('./question.tsx')

interface SetupBodyProps extends Pick<SetupStatus, 'checkAgain'> {
  state: SetupState
  start: StartConnection
  ending: Disconnect
  installed: boolean
}

/** What belongs to a state below its heading: details and the way on. */
export function SetupBody({ state, start, ending, installed, checkAgain }: SetupBodyProps) {
  const isQuestion = state.kind === 'choosing' || state.kind === 'replacing'
  const questions = useLoaded(loadQuestions, isQuestion)
  switch (state.kind) {
    case 'loading':
      return <Skeleton lines={4} />
    case 'unreachable':
    case 'redirecting':
      return null
    case 'broken':
      return <Broken requestId={state.requestId} onRetry={checkAgain} />
    case 'not-connected':
      return <NotConnected installed={installed} start={start} />
    case 'connecting':
      return <Connecting step={state.step} />
    case 'choosing':
    case 'replacing':
      return questions ? (
        <questions.Question question={state} startProblem={start.failure} start={start.begin} checkAgain={checkAgain} />
      ) : (
        <Skeleton lines={4} />
      )
    case 'timed-out':
      return <TimedOut attemptId={state.attemptId} checkAgain={checkAgain} />
    case 'connected':
      return <Connected practice={state.practice} connectedAt={state.connectedAt} ending={ending} />
    case 'failed':
      return <Failed failure={state} start={start} />
  }
}
