import { setTimeout as sleep } from 'node:timers/promises'
import type { CallbackAnswer } from '@pms/prisma/client'
import type { SetupQuery } from '@pms/shared/setup-redirect'
import type { Logger } from 'pino'
import type { Redacted } from '../config/redacted.ts'
import { claimAttempt } from './claim-attempt.ts'
import { completeAttempt, type CompletionParts } from './complete-attempt.ts'
import type { Return } from './ports.ts'
import { shortIdOf } from './start-connection.ts'
import { verifyState } from './signed-state.ts'

/** What Sikka sent the browser back with, its form already checked. */
export type CallbackQuery = { state: string } & (
  | { kind: 'code'; code: Redacted }
  | { kind: 'denied' }
  /** another error, or neither code nor error */
  | { kind: 'unclear' }
)

export interface CallbackParts extends CompletionParts {
  stateKeys: readonly Redacted[]
  log: Logger
  /** Keeps the server up until the work is done. */
  track: (work: Promise<unknown>) => void
}

/** How long the browser is kept waiting for an outcome, milliseconds: it gets its answer within a second. */
const answerAfter = 700

const change: Record<CallbackQuery['kind'], Return> = {
  code: { to: 'CODE_RECEIVED' },
  denied: { to: 'CANCELLED', errorCode: 'ACCESS_DENIED' },
  unclear: { to: 'FAILED', errorCode: 'PROVIDER_ERROR' },
}

/**
 * The callback (contract, section 6): checks, claims, starts the work, and says where to send the browser.
 * @param browserToken the value of this browser's cookie for the attempt with that short id
 */
export async function receiveCallback(
  parts: CallbackParts,
  query: CallbackQuery,
  browserToken: (shortId: string) => Redacted | undefined,
  requestId: string,
): Promise<SetupQuery> {
  const state = verifyState(query.state, parts.stateKeys)
  if (!state) return { kind: 'refused', code: 'invalid_state' }
  const claim = await claimAttempt(
    parts.attempts,
    state,
    browserToken(shortIdOf(state.nonce)),
    requestId,
    change[query.kind],
  )
  if (claim.kind === 'untrusted') return { kind: 'refused', code: claim.code }
  if (claim.kind === 'repeated') {
    const answer =
      claim.answer ?? (await parts.attempts.answerOnce(claim.attemptId, claim.failed ? 'FAILED' : 'CONNECTING'))
    return locationOf(answer, claim.attemptId)
  }
  const { attempt } = claim
  const answer = await firstAnswer(parts, query, attempt)
  return locationOf(await parts.attempts.answerOnce(attempt.id, answer), attempt.id)
}

async function firstAnswer(
  parts: CallbackParts,
  query: CallbackQuery,
  attempt: Parameters<typeof completeAttempt>[1],
): Promise<CallbackAnswer> {
  if (query.kind === 'denied') return 'DENIED'
  if (query.kind === 'unclear') return 'FAILED'
  const work = completeAttempt(parts, attempt, query.code)
  parts.track(work)
  const stillWorking = sleep(answerAfter, 'working' as const, { ref: false })
  const outcome = await Promise.race([work, stillWorking])
  return outcome === undefined || outcome === 'working' ? 'CONNECTING' : 'FAILED'
}

function locationOf(answer: CallbackAnswer, attemptId: string): SetupQuery {
  if (answer === 'DENIED') return { kind: 'refused', code: 'access_denied', attemptId }
  return { kind: answer === 'FAILED' ? 'failed' : 'connecting', attemptId }
}
