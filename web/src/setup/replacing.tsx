import type { ApiFailure } from '../api/api-failure.ts'
import { Button } from '../ui/button.tsx'
import { CallProblem } from './call-problem.tsx'
import type { SetupView } from './setup-view.ts'
import { useChoosePractice } from './use-choose-practice.ts'
import { setupWords } from './words.ts'

const words = setupWords.replacing

interface ReplacingProps {
  question: SetupView & { kind: 'replacing' }
  startProblem: ApiFailure | undefined
  start: () => void
  checkAgain: () => Promise<boolean>
}

/** Whether the practice just authorised takes the place of the connected one. */
export function Replacing({ question, startProblem, start, checkAgain }: ReplacingProps) {
  const { attemptId, choice, replaces } = question
  const { choose, decline, busy, failure, gone } = useChoosePractice(attemptId, () => void checkAgain())
  return (
    <>
      <CallProblem failure={failure} words={setupWords.chooseProblem} />
      <CallProblem failure={startProblem} words={setupWords.startProblem} />
      <div className="actions">
        {gone ? (
          <Button onClick={start}>{setupWords.choosing.again}</Button>
        ) : (
          <Button busy={busy} onClick={() => choose(choice.id)}>
            {words.yes}
          </Button>
        )}
        <Button look="secondary" busy={busy} onClick={decline}>
          {words.keep} <bdi>{replaces}</bdi>
        </Button>
      </div>
    </>
  )
}
