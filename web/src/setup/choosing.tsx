import type { FormEvent } from 'react'
import type { ApiFailure } from '../api/api-failure.ts'
import { Button } from '../ui/button.tsx'
import { useWords } from '../words/use-words.tsx'
import { CallProblem } from './call-problem.tsx'
import { ChoiceList } from './choice-list.tsx'
import type { SetupView } from './setup-view.ts'
import { Support } from './support.tsx'
import { useChoosePractice } from './use-choose-practice.ts'

interface ChoosingProps {
  question: SetupView & { kind: 'choosing' }
  startProblem: ApiFailure | undefined
  start: () => void
  checkAgain: () => Promise<boolean>
}

/** Several practices, one of which is the user's. None is chosen beforehand. */
export function Choosing({ question, startProblem, start, checkAgain }: ChoosingProps) {
  const { choosing: words } = useWords()
  const { attemptId, choices } = question
  const { choose, decline, busy, failure, gone } = useChoosePractice(attemptId, () => void checkAgain())

  /** Leaves this question, and starts anew: a no that does not arrive keeps nobody waiting, the question ends by itself. */
  function startInstead() {
    if (!gone) decline()
    start()
  }

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const chosen = new FormData(event.currentTarget).get('practice')
    if (typeof chosen === 'string' && !busy) choose(chosen)
  }

  return (
    <form onSubmit={send}>
      <ChoiceList choices={choices} />
      <p>{words.notListed}</p>
      <Support reference={attemptId} />
      <CallProblem failure={failure} call="choose" />
      <CallProblem failure={startProblem} call="start" />
      <div className="actions">
        {!gone && (
          <Button submits busy={busy}>
            {words.button}
          </Button>
        )}
        <Button look={gone ? 'primary' : 'secondary'} onClick={startInstead}>
          {words.again}
        </Button>
      </div>
    </form>
  )
}
