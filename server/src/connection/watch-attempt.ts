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
 * The job that looks after an attempt until it has ended: it expires, it is recovered when its worker has died, and
 * past every time it fails. Looks again when something of it may next be over.
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
      // One job goes on for this one, and never two.
      if (taken && !(await recover(parts, taken))) return
    }
  }
  const after = await parts.work.nextLook(attempt.id)
  // Never at once: what is over and not ended is somebody else's to end, right now.
  if (after) await parts.work.watch(attempt, Math.max(1, after.seconds))
}

/**
 * Its worker has died. Once the secret is written the attempt is completed: the version's id tells. With keys that
 * were kept for a choice it goes on from there. Else the keys are lost with the worker, and the user connects again.
 * @returns false when it could not be done yet, and a job was sent that tries again
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

/** What cannot be read and never will be is as good as nothing (F58). */
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
