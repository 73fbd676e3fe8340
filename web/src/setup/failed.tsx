import { reviewPath } from '@pms/shared/setup-redirect'
import { useLocation } from 'wouter'
import { Button } from '../ui/button.tsx'
import { CallProblem } from './call-problem.tsx'
import { Reference } from './reference.tsx'
import type { SetupView } from './setup-view.ts'
import type { StartConnection } from './use-start-connection.ts'
import { setupWords } from './words.ts'

interface FailedProps {
  failure: SetupView & { kind: 'failed' }
  start: StartConnection
}

/** The way on after a failure: once more, or with the connection that is still there. */
export function Failed({ failure, start }: FailedProps) {
  const [, navigate] = useLocation()
  return (
    <>
      <Reference id={failure.attemptId} />
      <CallProblem failure={start.failure} words={setupWords.startProblem} />
      <div className="actions">
        <Button onClick={start.begin}>{failure.lost ? setupWords.lost.button : setupWords.failed.button}</Button>
        {failure.stillConnected && (
          <Button look="secondary" onClick={() => navigate(reviewPath)}>
            {setupWords.connected.button}
          </Button>
        )}
      </div>
    </>
  )
}
