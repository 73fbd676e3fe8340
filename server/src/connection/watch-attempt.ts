import type { Logger } from 'pino'
import { readVersionOf } from './account-secrets.ts'
import { completeChoice, type CompletionParts, type UnboundCompletion } from './complete-attempt.ts'
import { ConnectionFailure } from '../failure.ts'
import type { AttemptId } from '../store/attempt-sql.ts'
import type { Work } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'
import { releaseKeys } from './release-keys.ts'
import { settleSecret } from './settle-secret.ts'
import { activateConnection } from './store-connection.ts'
import { forPerson } from './upstreams.ts'

type TakenOver = NonNullable<Awaited<ReturnType<Work['takeOver']>>>

/** Longest time for the calls of one recovery, milliseconds; shorter than the lease. */
const longestRecovery = 8_000

/**
 * The job that watches an attempt until it ends: expires it, recovers it when its worker has died, and fails it when it
 * is overdue. Runs again when its lease or time limit may be over.
 */
export async function watchAttempt(parts: UnboundCompletion, attempt: AttemptId): Promise<void> {
  const before = await parts.work.nextLook(attempt.id)
  if (!before) return
  if (before.seconds === 0) {
    if (before.status === 'CREATED') await parts.attempts.expire(attempt.id, undefined)
    else if (before.status === 'CHOOSING') await parts.work.expireChoice(attempt.id)
    else {
      await parts.work.failOverdue(attempt.id)
      const taken = await parts.work.takeOver(attempt)
      // `recover` has sent the next job: never two for one attempt.
      if (taken && !(await recover(parts, taken))) return
    }
  }
  const after = await parts.work.nextLook(attempt.id)
  // Never at once: if it is over but has not ended, another worker is ending it now.
  if (after) await parts.work.watch(attempt, Math.max(1, after.seconds))
}

/**
 * Recovers an attempt whose worker has died. If the secret has a version with the attempt's id, completes it. If keys
 * were kept for a choice, goes on from there. Else the keys are lost with the worker, and the user connects again.
 * @returns false when it failed for now, and a job was sent that retries
 */
async function recover(unbound: UnboundCompletion, attempt: TakenOver): Promise<boolean> {
  const parts = forPerson(unbound, attempt.accountId)
  const { id, accountId, status, officeId, choices } = attempt
  const log = parts.log.child({ attemptId: id, accountId, status })
  const worked = { id, accountId, leaseToken: attempt.leaseToken, requestId: undefined }
  log.warn('an attempt was left by its server')
  try {
    const signal = AbortSignal.timeout(longestRecovery)
    const written = status === 'STORING' ? await readWritten(parts, worked, log, signal) : undefined
    if (written && written.officeId === officeId) {
      try {
        await activateConnection(parts, worked, { ...written, secretVersionId: id, isSettled: false }, signal)
      } catch (error) {
        if (!(error instanceof ConnectionFailure)) throw error
        if (await parts.work.fail(worked, error.code, undefined)) {
          parts.onEnd(error.code)
          await releaseKeys(parts, worked, { ...written, issuedTo: officeId, expiresAt: written.tokenExpiry })
        }
        return true
      }
      parts.onEnd('CONNECTED')
      log.info('recovered: the practice is connected')
      await settleSecret(parts, { accountId })
      return true
    }
    if (choices && officeId !== undefined) {
      parts.track(completeChoice(parts, worked, { officeId, choices }))
      return true
    }
    if (await parts.work.fail(worked, 'INTERRUPTED', undefined)) parts.onEnd('INTERRUPTED')
    return true
  } catch (error) {
    log.warn({ err: error }, 'an attempt could not be recovered yet')
    return !(await parts.work.handBack(worked))
  }
}

/** Keys that can never be read count as not written (F58). */
async function readWritten(
  { vault, integrations }: CompletionParts,
  { id, accountId }: AttemptId,
  log: Logger,
  signal: AbortSignal,
): ReturnType<Vault['read']> {
  try {
    const { secretArn } = await integrations.secretNeed(accountId)
    const known = secretArn === undefined ? [] : [secretArn]
    return await readVersionOf(vault, { accountId, known, versionId: id }, signal)
  } catch (error) {
    if (!(error instanceof ConnectionFailure && error.code === 'KEYS_UNREADABLE')) throw error
    log.error({ err: error }, 'what an attempt has written cannot be read')
    return undefined
  }
}
