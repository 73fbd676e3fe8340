import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { Logger } from 'pino'
import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import type { ClaimedAttempt } from './claim-attempt.ts'
import { connectPractice, type Choice, type ConnectParts, type Trail, type Worked } from './connect-practice.ts'
import { exchangeCode, keptGrant } from './exchange-code.ts'
import type { Leases } from './leases.ts'
import { persist } from './persist.ts'
import type { AttemptId } from '../store/attempt-sql.ts'
import type { Attempts } from '../store/open-store.ts'
import type { Grant } from '../practice.ts'
import { releaseKeys } from './release-keys.ts'
import { rideOutStorage } from './ride-out-storage.ts'
import { forPerson, type ForAnybody } from './upstreams.ts'

export interface CompletionParts extends ConnectParts {
  attempts: Attempts
  leases: Leases
  /** called with each attempt's outcome */
  onEnd: (outcome: ConnectionErrorCode | 'CONNECTED') => void
}

/** The same, before it is known which account calls are for. */
export type UnboundCompletion = ForAnybody<CompletionParts>

/** How the work ended: connected, left to the user's choice, or failed. */
export type Outcome = 'CONNECTED' | 'CHOOSING' | ConnectionErrorCode

/** Time limit of the whole work, milliseconds: just within the time that the page waits (60 s). */
export const longestWork = 55_000

/** Time limit for recording a failure after that, milliseconds. */
const longestRecording = 10_000

/** From the code to the ACTIVE row, without the browser. Never throws. */
export async function completeAttempt(
  unbound: UnboundCompletion,
  attempt: ClaimedAttempt,
  code: Redacted,
): Promise<Outcome> {
  const parts = forPerson(unbound, attempt.accountId)
  return workOn(parts, attempt, async (signal, trail) => {
    const onKeys = (received: Grant): void => {
      trail.received = received
    }
    const grant = await exchangeCode(parts, attempt, code, onKeys, signal)
    return connectPractice(parts, attempt, grant, undefined, trail, signal)
  })
}

/** From the user's choice to the ACTIVE row, with the keys that were kept for it. Never throws. */
export async function completeChoice(unbound: UnboundCompletion, attempt: Worked, choice: Choice): Promise<Outcome> {
  const parts = forPerson(unbound, attempt.accountId)
  return workOn(parts, attempt, async (signal, trail) => {
    const secretArn = await persist(() => parts.work.grantArn(attempt.id), parts.isPassing, signal)
    const kept = await rideOutStorage(() => parts.vault.readGrant(attempt.id, signal, secretArn), signal)
    if (!kept) throw new ConnectionFailure('INTERRUPTED', 'The keys that were kept for the choice are gone')
    return connectPractice(parts, attempt, keptGrant(kept), choice, trail, signal)
  })
}

/** Works while this server holds the lease; a failure ends the attempt and leaves a working connection alone. */
async function workOn(
  parts: CompletionParts,
  attempt: Worked,
  steps: (signal: AbortSignal, trail: Trail) => Promise<Outcome>,
): Promise<Outcome> {
  const log = parts.log.child({ attemptId: attempt.id, accountId: attempt.accountId, requestId: attempt.requestId })
  const lease = parts.leases.hold(attempt)
  const signal = AbortSignal.any([lease.signal, AbortSignal.timeout(longestWork)])
  const trail: Trail = { listed: new Set() }
  try {
    const outcome = await steps(signal, trail)
    log.info(outcome === 'CONNECTED' ? 'practice connected' : 'the user has to choose')
    if (outcome === 'CONNECTED') parts.onEnd(outcome)
    return outcome
  } catch (error) {
    const errorCode = codeOf(error, signal)
    if (lease.isHandedBack()) return errorCode
    log[alarming.has(errorCode) ? 'error' : 'warn']({ err: error, errorCode }, 'practice not connected')
    const failed = await recordFailure(parts, attempt, errorCode, log)
    if (failed) parts.onEnd(errorCode)
    parts.track(cleanUp(parts, attempt, trail, failed, log))
    return errorCode
  } finally {
    lease.release()
  }
}

/** @returns whether this worker ended the attempt */
async function recordFailure(
  parts: CompletionParts,
  attempt: Worked,
  errorCode: ConnectionErrorCode,
  log: Logger,
): Promise<boolean> {
  try {
    const fail = () => parts.work.fail(attempt, errorCode, attempt.requestId)
    return await persist(fail, parts.isPassing, AbortSignal.timeout(longestRecording))
  } catch (unrecorded) {
    log.error({ err: unrecorded, errorCode }, 'the failure could not be recorded; the attempt ends by its time limit')
    return false
  }
}

/**
 * Releases the keys of an attempt that ended unconnected. If another server works on it, or has completed it, its keys
 * may be in use.
 */
async function cleanUp(
  parts: CompletionParts,
  attempt: Worked & AttemptId,
  trail: Trail,
  failed: boolean,
  log: Logger,
) {
  try {
    const status = failed ? 'FAILED' : await parts.work.statusOf(attempt.id)
    if (status !== undefined && status !== 'FAILED' && status !== 'CANCELLED' && status !== 'EXPIRED') return
    if (trail.received) await releaseKeys(parts, attempt, { ...trail.received, listed: [...trail.listed] })
    if (trail.written && !failed) await parts.integrations.requestSettling(attempt.accountId)
  } catch (error) {
    log.error({ err: error }, 'what a failed attempt has left could not be looked at')
  }
}

/** A timeout means that Sikka was too slow. */
function codeOf(error: unknown, signal: AbortSignal): ConnectionErrorCode {
  if (error instanceof ConnectionFailure) return error.code
  if (signal.reason instanceof ConnectionFailure) return signal.reason.code
  return signal.aborted ? 'PROVIDER_UNAVAILABLE' : 'INTERNAL'
}

/** Failures that an operator has to fix. */
const alarming: ReadonlySet<ConnectionErrorCode> = new Set([
  'CONFIG',
  'INTERNAL',
  'BAD_RESPONSE',
  'STORAGE_UNAVAILABLE',
])
