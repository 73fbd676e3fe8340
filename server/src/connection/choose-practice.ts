import { completeChoice, type UnboundCompletion } from './complete-attempt.ts'
import type { AttemptId } from '../store/attempt-sql.ts'

/**
 * Accepts a choice that this attempt offers, and no other; the work continues after the request.
 * @returns false when there is no such choice (any more)
 */
export async function choosePractice(
  parts: UnboundCompletion,
  attempt: AttemptId,
  choiceId: string,
  requestId: string,
): Promise<boolean> {
  const choices = await parts.work.offered(attempt)
  const chosen = choices?.offered.find(({ id }) => id === choiceId)
  if (!choices || !chosen) return false
  const { officeId } = chosen
  const held = await parts.work.choose(attempt, officeId, requestId)
  if (!held) return false
  parts.track(completeChoice(parts, { ...held, requestId }, { officeId, choices }))
  return true
}
