import type { ReactNode } from 'react'
import type { ApiFailure } from '../api/api-failure.ts'
import { useSettled } from '../ui/use-settled.ts'
import { Choosing } from './choosing.tsx'
import { Replacing } from './replacing.tsx'
import type { SetupView } from './setup-view.ts'

export { CallProblem } from './call-problem.tsx'
export { Failed } from './failed.tsx'
export { Retry } from './retry.tsx'
export { TimedOut } from './timed-out.tsx'

interface QuestionProps {
  question: SetupView & { kind: 'choosing' | 'replacing' }
  startProblem: ApiFailure | undefined
  /** @param insteadOf the attempt that this one takes the place of */
  start: (insteadOf: string) => void
  checkAgain: () => Promise<boolean>
}

/** What the person has to answer. A question that is asked anew knows nothing of the answer to the one before. */
export function Question({ question, ...rest }: QuestionProps) {
  return question.kind === 'choosing' ? (
    <Settling key={question.choices[0].id}>
      <Choosing question={question} {...rest} />
    </Settling>
  ) : (
    <Settling key={question.choice.id}>
      <Replacing question={question} {...rest} />
    </Settling>
  )
}

/** Takes no click or tap that was meant for what was here before; no button has the focus by itself. */
function Settling({ children }: { children: ReactNode }) {
  return <div className={useSettled() ? 'asked' : 'asked settling'}>{children}</div>
}
