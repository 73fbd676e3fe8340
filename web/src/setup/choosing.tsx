import type { FormEvent } from 'react'
import type { ApiFailure } from '../api/api-failure.ts'
import { Button } from '../ui/button.tsx'
import { useWords } from '../words/use-words.tsx'
import { CallProblem } from './call-problem.tsx'
import { ChoiceList } from './choice-list.tsx'
import type { SetupView } from './setup-view.ts'
import { Sending } from './sending.tsx'
import { Support } from './support.tsx'
import { useChoosePractice } from './use-choose-practice.ts'

interface ChoosingProps {
  question: SetupView & { kind: 'choosing' }
  startProblem: ApiFailure | undefined
  start: (insteadOf: string) => void
  checkAgain: () => Promise<boolean>
}

/** Several practices, one of which is the user's. None is chosen beforehand. */
export function Choosing({ question, startProblem, start, checkAgain }: ChoosingProps) {
  const { choosing: words } = useWords()
  const { attemptId, choices } = question
  const { choose, busy, failure, gone } = useChoosePractice(attemptId, () => void checkAgain())

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
        <Button look={gone ? 'primary' : 'secondary'} busy={busy} onClick={() => start(attemptId)}>
          {words.again}
        </Button>
      </div>
      <Sending busy={busy} />
    </form>
  )
}
