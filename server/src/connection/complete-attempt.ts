import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { Logger } from 'pino'
import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import type { ClaimedAttempt } from './claim-attempt.ts'
import { exchangeCode, keptGrant, recordKeys, type ExchangedGrant } from './exchange-code.ts'
import { findPractices } from './find-practice.ts'
import type { Leases } from './leases.ts'
import { demandOwnList, offerChoices } from './offer-choices.ts'
import { persist } from './persist.ts'
import type { AttemptId, Attempts, Choices, Grant, Held, Integrations, Practice, Sikka, Vault, Work } from './ports.ts'
import { ofOffice } from './refresh-keys.ts'
import { releaseKeys } from './release-keys.ts'
import { reserveOffice } from './reserve-office.ts'
import { rideOutStorage } from './ride-out-storage.ts'
import { settleSecret } from './settle-secret.ts'
import { storeConnection } from './store-connection.ts'

export interface CompletionParts {
  attempts: Attempts
  work: Work
  integrations: Integrations
  sikka: Sikka
  vault: Vault
  leases: Leases
  log: Logger
  /** Keeps the server up until the work is done. */
  track: (work: Promise<unknown>) => void
  /** whether an error is the database's and may pass */
  isPassing: (error: unknown) => boolean
  /** hears how each attempt ended */
  onEnd: (outcome: ConnectionErrorCode | 'CONNECTED') => void
  /** pauses between looks at the list of practices, milliseconds */
  practiceDelays?: readonly number[]
}

/** How the work ended: connected, left to the user's choice, or failed. */
export type Outcome = 'CONNECTED' | 'CHOOSING' | ConnectionErrorCode

/** An attempt that this server works on, for the request that asked for it, if one did. */
export type Worked = Held & { requestId: string | undefined }

/** All of it has to be done in this time, milliseconds: just within the time that the page waits (60 s). */
const longestWork = 55_000

/** And a failure has to be written down in this time after it, milliseconds. */
const longestRecording = 10_000

/** From the code to the ACTIVE row, without the browser. Never throws. */
export async function completeAttempt(
  parts: CompletionParts,
  attempt: ClaimedAttempt,
  code: Redacted,
): Promise<Outcome> {
  return workOn(parts, attempt, async (signal, trail) => {
    const onKeys = (received: Grant): void => {
      trail.received = received
    }
    const grant = await exchangeCode(parts, attempt, code, onKeys, signal)
    return connectPractice(parts, attempt, grant, undefined, trail, signal)
  })
}

/** From the user's choice to the ACTIVE row, with the keys that were kept for it. Never throws. */
export async function completeChoice(
  parts: CompletionParts,
  attempt: Worked,
  choice: { officeId: string; choices: Choices },
): Promise<Outcome> {
  return workOn(parts, attempt, async (signal, trail) => {
    const kept = await rideOutStorage(() => parts.vault.readGrant(attempt.id, signal), signal)
    if (!kept) throw new ConnectionFailure('INTERRUPTED', 'The keys that were kept for the choice are gone')
    return connectPractice(parts, attempt, keptGrant(kept), choice, trail, signal)
  })
}

/** What has been done for an attempt so far, for whoever has to undo it. */
interface Trail {
  /** keys that nothing but this worker's memory has */
  received?: Grant
  /** they may have been written to the account's secret */
  written?: true
}

/** Does the work while the attempt is ours; a failure ends on the attempt, and touches no connection that works. */
async function workOn(
  parts: CompletionParts,
  attempt: Worked,
  steps: (signal: AbortSignal, trail: Trail) => Promise<Outcome>,
): Promise<Outcome> {
  const log = parts.log.child({ attemptId: attempt.id, accountId: attempt.accountId, requestId: attempt.requestId })
  const lease = parts.leases.hold(attempt)
  const signal = AbortSignal.any([lease.signal, AbortSignal.timeout(longestWork)])
  const trail: Trail = {}
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

async function connectPractice(
  parts: CompletionParts,
  attempt: Worked,
  given: ExchangedGrant,
  choice: { officeId: string; choices: Choices } | undefined,
  trail: Trail,
  signal: AbortSignal,
): Promise<Outcome> {
  const { grant, practices } = await findWithLivingKey(parts, attempt, given, choice?.officeId, trail, signal)
  const [practice] = practices
  const offer = async (offered: readonly Practice[], replaces?: Choices['replaces']): Promise<Outcome> => {
    await offerChoices(parts, attempt, grant, offered, replaces, signal)
    return 'CHOOSING'
  }
  if (practices.length > 1) {
    await demandOwnList(parts, attempt.accountId, practices, signal)
    return offer(practices)
  }
  const reservation = await reserveOffice(parts, attempt, practice, choice?.choices.replaces?.officeId, signal)
  if ('replaces' in reservation) return offer([practice], reservation.replaces)
  trail.written = true
  const onTokenTaken = (): void => {
    parts.log.error(
      { attemptId: attempt.id },
      'the secret has other keys under this attempt’s version; written as another version',
    )
  }
  // Keys that were kept for a choice may have been written by a worker that has died.
  const found = { practice: reservation, isWorkedOnce: choice === undefined }
  const isSettled = await storeConnection({ ...parts, onTokenTaken }, attempt, grant, found, signal)
  // A job does it as well; now, so that whoever reads the secret need not wait for that.
  if (!isSettled) parts.track(settle(parts, attempt))
  return 'CONNECTED'
}

async function settle(parts: CompletionParts, { id: attemptId, accountId }: Held): Promise<void> {
  try {
    await settleSecret(parts, accountId)
  } catch (error) {
    parts.log.warn({ err: error, attemptId, accountId }, 'not settled yet')
  }
}

/** A key may come with little life left: one that is over is refreshed once, and the call made once more (API1025). */
async function findWithLivingKey(
  parts: CompletionParts,
  attempt: Held,
  grant: ExchangedGrant,
  chosenOffice: string | undefined,
  trail: Trail,
  signal: AbortSignal,
): Promise<{ grant: ExchangedGrant; practices: [Practice, ...Practice[]] }> {
  const find = (living: ExchangedGrant) =>
    findPractices(parts.sikka, living, chosenOffice, signal, parts.practiceDelays)
  try {
    return { grant, practices: await find(grant) }
  } catch (error) {
    const isExpired = error instanceof ConnectionFailure && error.reason === 'expired_key'
    if (!isExpired || !grant.refreshKey) throw error
    const answer = await parts.sikka.refreshKeys(grant.refreshKey, signal)
    const { requestKey, refreshKey = grant.refreshKey, expiresAt } = ofOffice(answer, chosenOffice ?? grant.issuedTo)
    const onKeys = (received: Grant): void => {
      trail.received = received
    }
    const refreshed = { ...grant, requestKey, refreshKey, expiresAt }
    const living = await recordKeys(parts, attempt, refreshed, onKeys, signal)
    return { grant: living, practices: await find(living) }
  }
}

/** @returns whether it was this worker's to end */
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
 * Keys of an attempt that has ended without them are released. While it goes on in other hands, or was completed
 * by them, its keys may be in use.
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
    if (trail.received) await releaseKeys(parts, attempt, trail.received)
    if (trail.written && !failed) await parts.integrations.requestSettling(attempt.accountId)
  } catch (error) {
    log.error({ err: error }, 'what a failed attempt has left could not be looked at')
  }
}

/** Out of time means that Sikka has not come up with it. */
function codeOf(error: unknown, signal: AbortSignal): ConnectionErrorCode {
  if (error instanceof ConnectionFailure) return error.code
  if (signal.reason instanceof ConnectionFailure) return signal.reason.code
  return signal.aborted ? 'PROVIDER_UNAVAILABLE' : 'INTERNAL'
}

/** What somebody who runs the server has to mend. */
const alarming: ReadonlySet<ConnectionErrorCode> = new Set([
  'CONFIG',
  'INTERNAL',
  'BAD_RESPONSE',
  'STORAGE_UNAVAILABLE',
])
