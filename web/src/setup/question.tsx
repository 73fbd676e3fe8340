import type { ApiFailure } from '../api/api-failure.ts'
import { Choosing } from './choosing.tsx'
import { Replacing } from './replacing.tsx'
import type { SetupView } from './setup-view.ts'

interface QuestionProps {
  question: SetupView & { kind: 'choosing' | 'replacing' }
  startProblem: ApiFailure | undefined
  start: () => void
  checkAgain: () => Promise<boolean>
}

/** What the person has to answer. A question that is asked anew knows nothing of the answer to the one before. */
export function Question({ question, ...rest }: QuestionProps) {
  return question.kind === 'choosing' ? (
    <Choosing key={question.choices[0].id} question={question} {...rest} />
  ) : (
    <Replacing key={question.choice.id} question={question} {...rest} />
  )
}
