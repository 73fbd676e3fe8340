import type { ApiFailure } from '../api/api-failure.ts'
import { Notice } from '../ui/notice.tsx'
import { Reference } from './reference.tsx'
import { setupWords } from './words.ts'

/** Why the way to Sikka could not be started. */
export function StartProblem({ failure }: { failure: ApiFailure | undefined }) {
  if (!failure || failure.code === 'UNAUTHORIZED') return null
  return (
    <Notice urgent>
      {textOf(failure)}
      <Reference id={failure.requestId} />
    </Notice>
  )
}

function textOf({ code, retryAfter }: ApiFailure): string {
  const words = setupWords.startProblem
  if (code === undefined) return words.unreachable
  if (code === 'SERVICE_UNAVAILABLE') return words.unavailable
  if (code === 'TOO_MANY_REQUESTS') return `${words.tooMany} ${setupWords.tryAgainIn(Math.ceil(retryAfter / 60_000))}`
  return words.other
}
