import { reviewPath } from '@pms/shared/setup-redirect'
import { Link } from 'wouter'
import { Button } from '../ui/button.tsx'
import { useWords } from '../words/use-words.tsx'
import { CallProblem } from './call-problem.tsx'
import { installPath } from './paths.ts'
import { Reference } from './reference.tsx'
import type { SetupView } from './setup-view.ts'
import type { StartConnection } from './use-start-connection.ts'

interface FailedProps {
  failure: SetupView & { kind: 'failed' }
  start: StartConnection
}

/** The way on after a failure: once more, or with the connection that is still there. */
export function Failed({ failure, start }: FailedProps) {
  const { failed, lost, connected } = useWords()
  return (
    <>
      <Reference id={failure.attemptId} />
      <CallProblem failure={start.failure} call="start" />
      <div className="actions">
        <Button onClick={start.begin}>{failure.lost ? lost.button : failed.button}</Button>
        {failure.code === 'NO_PRACTICE' && (
          <Link className="button button-secondary" href={installPath}>
            {failed.checkSpu}
          </Link>
        )}
        {failure.stillConnected && (
          <Link className="button button-secondary" href={reviewPath}>
            {connected.button}
          </Link>
        )}
      </div>
    </>
  )
}
