import { setTimeout as sleep } from 'node:timers/promises'
import type { CallbackAnswer } from '@pms/prisma/client'
import type { SetupQuery } from '@pms/shared/setup-redirect'
import type { Redacted } from '../config/redacted.ts'
import { claimAttempt } from './claim-attempt.ts'
import { completeAttempt, type UnboundCompletion } from './complete-attempt.ts'
import type { Return } from '../store/attempts.ts'
import { verifyState } from './signed-state.ts'
import { attemptIdOf, shortIdOf } from './start-connection.ts'

/** The query that Sikka sent the browser back with, its form already checked. */
export type CallbackQuery = { state: string } & (
  | { kind: 'code'; code: Redacted }
  | { kind: 'denied' }
  /** another error, or neither code nor error */
  | { kind: 'unclear' }
)

export interface CallbackParts extends UnboundCompletion {
  stateKeys: readonly Redacted[]
}

/**
 * Deadlines of the answer, milliseconds after the request: for the outcome (without one, the answer is "connecting"),
 * then for recording it; the first recorded answer stands.
 */
const answerBy = { outcome: 600, written: 800 } as const

const change: Record<CallbackQuery['kind'], Return> = {
  code: { to: 'CODE_RECEIVED' },
  denied: { to: 'CANCELLED', errorCode: 'ACCESS_DENIED' },
  unclear: { to: 'FAILED', errorCode: 'PROVIDER_ERROR' },
}

/** A return from Sikka that names one attempt, before the database is queried. */
export interface RecognizedReturn {
  attemptId: string
  /** what to answer when the database takes too long; the same as when it has answered */
  meanwhile: SetupQuery
}

/** Milliseconds. An attempt ends long before; the margin allows for a clock that differs from the database's. */
const longestReturn = 3_600_000

/** A code may still lead to a connection; the other callbacks end the attempt. */
const meanwhile = { code: 'CONNECTING', denied: 'DENIED', unclear: 'FAILED' } as const

/**
 * Recognizes a callback that may be an attempt's own: its state was signed here within the hour, and the browser has a
 * cookie for it. Only the database can tell whether the cookie is right.
 * @param now milliseconds since 1970
 */
export function recognizeReturn(
  stateKeys: readonly Redacted[],
  query: CallbackQuery,
  browserToken: (shortId: string) => Redacted | undefined,
  now: number,
): RecognizedReturn | undefined {
  const state = verifyState(query.state, stateKeys)
  if (!state || now - state.timestamp > longestReturn || !browserToken(shortIdOf(state.nonce))) return undefined
  const attemptId = attemptIdOf(state.nonce)
  return { attemptId, meanwhile: locationOf(meanwhile[query.kind], attemptId) }
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
  const askedAt = performance.now()
  const state = verifyState(query.state, parts.stateKeys)
  if (!state) return { kind: 'refused', code: 'invalid_state' }
  const token = browserToken(shortIdOf(state.nonce))
  const claim = await claimAttempt(parts.attempts, state, token, requestId, change[query.kind])
  if (claim.kind === 'untrusted') return { kind: 'refused', code: claim.code }
  if (claim.kind === 'repeated') {
    const answer = claim.status === 'FAILED' ? 'FAILED' : 'CONNECTING'
    return locationOf(claim.answer ?? (await parts.attempts.answerOnce(claim.attemptId, answer)), claim.attemptId)
  }
  const { attempt } = claim
  if (query.kind === 'denied') return locationOf('DENIED', attempt.id)
  if (query.kind === 'unclear') return locationOf('FAILED', attempt.id)

  const work = completeAttempt(parts, attempt, query.code)
  parts.track(work)
  const outcome = await within(askedAt + answerBy.outcome, work, 'working')
  // Recorded with the connection.
  if (outcome === 'CONNECTED') return locationOf('CONNECTING', attempt.id)
  const answer = underWay.has(outcome) ? 'CONNECTING' : 'FAILED'
  const written = parts.attempts.answerOnce(attempt.id, answer).catch((error: unknown) => {
    parts.log.warn({ err: error, attemptId: attempt.id }, 'the answer to the callback could not be written down')
    return answer
  })
  parts.track(written)
  return locationOf(await within(askedAt + answerBy.written, written, answer), attempt.id)
}

const underWay: ReadonlySet<string> = new Set(['working', 'CHOOSING'])

/** The value if it is there by `time`, on the clock of `performance.now()`, else `other`. */
async function within<Value, Other>(time: number, value: Promise<Value>, other: Other): Promise<Value | Other> {
  return Promise.race([value, sleep(Math.max(0, time - performance.now()), other, { ref: false })])
}

function locationOf(answer: CallbackAnswer, attemptId: string): SetupQuery {
  if (answer === 'DENIED') return { kind: 'refused', code: 'access_denied', attemptId }
  return { kind: answer === 'FAILED' ? 'failed' : 'connecting', attemptId }
}
