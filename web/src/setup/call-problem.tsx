import type { ApiFailure } from '../api/api-failure.ts'
import { Notice } from '../ui/notice.tsx'
import type { Words } from '../words/catalogue.ts'
import { fill } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { Reference } from './reference.tsx'

/** The calls that a button makes. */
type Call = 'start' | 'choose' | 'disconnect'

/** Why what a button should have done was not done. */
export function CallProblem({ failure, call }: { failure: ApiFailure | undefined; call: Call }) {
  const words = useWords()
  if (!failure || failure.code === 'UNAUTHORIZED') return null
  return (
    <Notice urgent>
      <p>{textOf(failure, words, call)}</p>
      <Reference id={failure.requestId} />
    </Notice>
  )
}

function textOf({ code, retryAfter }: ApiFailure, { problem, ...words }: Words, call: Call): string {
  const texts = words[`${call}Problem`]
  if (code === undefined) return texts.unreachable
  if (code === 'SERVICE_UNAVAILABLE' || code === 'PROVIDER_UNAVAILABLE') return texts.unavailable
  if (code === 'CONFLICT' || code === 'NOT_FOUND') return problem.gone
  if (code !== 'TOO_MANY_REQUESTS') return texts.other
  const minutes = Math.ceil(retryAfter / 60_000)
  return `${problem.tooMany} ${minutes <= 1 ? problem.inAMinute : fill(problem.inMinutes, { minutes: String(minutes) })}`
}
