import type { ApiFailure } from '../api/api-failure.ts'
import { Button } from '../ui/button.tsx'
import { Filled } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { CallProblem } from './call-problem.tsx'
import { Sending } from './sending.tsx'
import type { SetupView } from './setup-view.ts'
import { useChoosePractice } from './use-choose-practice.ts'

interface ReplacingProps {
  question: SetupView & { kind: 'replacing' }
  startProblem: ApiFailure | undefined
  start: (insteadOf: string) => void
  checkAgain: () => Promise<boolean>
}

/** Whether the practice just authorised takes the place of the connected one. */
export function Replacing({ question, startProblem, start, checkAgain }: ReplacingProps) {
  const { replacing: words, choosing } = useWords()
  const { attemptId, choice, replaces } = question
  const { choose, decline, busy, failure, gone } = useChoosePractice(attemptId, () => void checkAgain())
  return (
    <>
      <CallProblem failure={failure} call="choose" />
      <CallProblem failure={startProblem} call="start" />
      <div className="actions">
        {gone ? (
          <Button key="again" onClick={() => start(attemptId)}>
            {choosing.again}
          </Button>
        ) : (
          <Button key="yes" busy={busy} onClick={() => choose(choice.id)}>
            {words.yes}
          </Button>
        )}
        <Button look="secondary" busy={busy} onClick={decline}>
          <span>
            <Filled text={words.keep} with={{ practice: <bdi>{replaces}</bdi> }} />
          </span>
        </Button>
      </div>
      <Sending busy={busy} />
    </>
  )
}
