import type { ApiFailure } from '../api/api-failure.ts'
import { Notice } from '../ui/notice.tsx'
import { Reference } from './reference.tsx'
import { setupWords } from './words.ts'

interface CallProblemProps {
  failure: ApiFailure | undefined
  words: { unreachable: string; unavailable: string; other: string }
}

/** Why what a button should have done was not done. */
export function CallProblem({ failure, words }: CallProblemProps) {
  if (!failure || failure.code === 'UNAUTHORIZED') return null
  return (
    <Notice urgent>
      {textOf(failure, words)}
      <Reference id={failure.requestId} />
    </Notice>
  )
}

function textOf({ code, retryAfter }: ApiFailure, words: CallProblemProps['words']): string {
  if (code === undefined) return words.unreachable
  if (code === 'SERVICE_UNAVAILABLE' || code === 'PROVIDER_UNAVAILABLE') return words.unavailable
  if (code === 'CONFLICT' || code === 'NOT_FOUND') return setupWords.problem.gone
  if (code !== 'TOO_MANY_REQUESTS') return words.other
  return `${setupWords.problem.tooMany} ${setupWords.tryAgainIn(Math.ceil(retryAfter / 60_000))}`
}
