import { timingSafeEqual } from 'node:crypto'
import type { AttemptStatus, CallbackAnswer } from '@pms/prisma/client'
import type { Redacted } from '../config/redacted.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Return } from '../store/attempts.ts'
import type { Attempts } from '../store/open-store.ts'
import type { VerifiedState } from './signed-state.ts'
import { sha256 } from './start-connection.ts'

declare const claimed: unique symbol

/** An attempt that only this request has claimed. Only `claimAttempt` makes one. */
export interface ClaimedAttempt extends Readonly<Held> {
  readonly requestId: string
  readonly [claimed]: true
}

export type Claim =
  | { kind: 'claimed'; attempt: ClaimedAttempt }
  /** the same browser has returned with it before */
  | { kind: 'repeated'; attemptId: string; answer: CallbackAnswer | null; status: AttemptStatus }
  | { kind: 'untrusted'; code: 'invalid_state' | 'expired_state' }

/**
 * Contract, section 6, step 3. The claim is one statement that checks everything at once (known, same browser, within
 * its ten minutes, unused); a further query finds the reason if it claimed nothing.
 */
export async function claimAttempt(
  attempts: Attempts,
  state: VerifiedState,
  browserToken: Redacted | undefined,
  requestId: string,
  change: Return,
): Promise<Claim> {
  const { accountId } = state
  const nonceHash = sha256(state.nonce)
  const browserHash = browserToken && sha256(browserToken.reveal())
  if (browserHash) {
    const taken = await attempts.take({ accountId, nonceHash, browserHash, requestId }, change)
    if (taken) return { kind: 'claimed', attempt: { ...taken, accountId, requestId } as ClaimedAttempt }
  }
  const attempt = await attempts.find(nonceHash)
  if (!attempt || attempt.accountId !== accountId) return { kind: 'untrusted', code: 'invalid_state' }
  const sameBrowser = browserHash !== undefined && isEqual(attempt.browserHash, browserHash)
  if (attempt.status === 'EXPIRED' || (attempt.status === 'CREATED' && attempt.expired)) {
    if (sameBrowser) await attempts.expire(attempt.id, requestId)
    return { kind: 'untrusted', code: 'expired_state' }
  }
  if (!sameBrowser) {
    if (attempt.status === 'CREATED') await attempts.reject(attempt, 'no_binding', requestId)
    return { kind: 'untrusted', code: 'invalid_state' }
  }
  return { kind: 'repeated', attemptId: attempt.id, answer: attempt.answer, status: attempt.status }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
