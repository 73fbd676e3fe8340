import { ConnectionFailure } from '../failure.ts'
import { secretsOf, type PresentSecret } from './account-secrets.ts'
import type { Integrations } from '../store/open-store.ts'
import { revokeUnused, type ReleaseParts } from './release-keys.ts'
import { inBackground, type ForAnybody } from './upstreams.ts'

/** Longest time for one try, milliseconds. */
const longestTry = 40_000

/** After this many tries, some three days, keys that Sikka does not revoke no longer block their secret's deletion. */
const mostTries = 450

/** What to settle: an account, and the job's secret, which the row may no longer name. */
export interface Settling {
  accountId: string
  secretArn?: string | undefined
}

/**
 * Makes an account's secrets match its row: moves AWSCURRENT of the secret in use to the row's version; revokes the
 * keys of every other secret and schedules its deletion. Idempotent.
 * @throws {ConnectionFailure} when it has to be retried
 */
export async function settleSecret(unbound: ForAnybody<ReleaseParts>, settling: Settling, tries = 1): Promise<void> {
  const { accountId } = settling
  const parts = inBackground(unbound, accountId)
  const signal = AbortSignal.timeout(longestTry)
  for (;;) {
    const { secretArn } = await parts.integrations.secretNeed(accountId)
    const known = [secretArn, settling.secretArn].filter((each) => each !== undefined)
    // Read Secrets Manager before the row: the row can only be newer, so AWSCURRENT never goes back.
    const secrets = await secretsOf(parts.vault, accountId, known, signal)
    const need = await parts.integrations.secretNeed(accountId)
    if (need.secretArn !== secretArn) continue
    if (need.inUse && !(await makeCurrent(parts, secrets, need.inUse, signal))) continue
    const unused = secrets.filter((secret) => secret.secretArn !== need.inUse?.secretArn)
    if (unused.length > 0 && need.storing) {
      throw new ConnectionFailure('STORAGE_UNAVAILABLE', 'An attempt is writing to this secret')
    }
    let isDone = true
    for (const secret of unused) {
      if (secret.state === 'present' && !(await retire(parts, accountId, secret, tries, signal))) isDone = false
    }
    if (isDone) return
  }
}

type Need = Awaited<ReturnType<Integrations['secretNeed']>>

/** @returns false when it was changed meanwhile: start over */
async function makeCurrent(
  { vault }: ReleaseParts,
  secrets: readonly PresentSecret[],
  { secretArn, secretVersionId }: NonNullable<Need['inUse']>,
  signal: AbortSignal,
): Promise<boolean> {
  const secret = secrets.find((each) => each.secretArn === secretArn)
  if (!secret) throw new ConnectionFailure('KEYS_UNREADABLE', 'The secret of a connected practice is gone')
  if (secret.state === 'deleting') await vault.restore(secretArn, signal)
  if (secret.currentVersionId === secretVersionId) return true
  return vault.promote(secretArn, secret.currentVersionId, secretVersionId, signal)
}

/** Revokes its keys, then schedules its deletion. @returns false when a new consent may need it */
async function retire(
  parts: ReleaseParts,
  accountId: string,
  secret: PresentSecret,
  tries: number,
  signal: AbortSignal,
): Promise<boolean> {
  const isUnused = async (): Promise<boolean> => {
    const { inUse, storing } = await parts.integrations.secretNeed(accountId)
    return inUse?.secretArn !== secret.secretArn && !storing
  }
  await revokeVersions(parts, accountId, secret, tries, signal)
  // A new consent may have come while Sikka revoked the keys.
  if (!(await isUnused())) return false
  await parts.vault.scheduleDeletion(secret.secretArn, signal)
  // A new consent may still have come in between: then the secret has to be restored.
  return isUnused()
}

/** Runs before the deletion: afterwards nobody can read which keys to revoke. */
async function revokeVersions(
  parts: ReleaseParts,
  accountId: string,
  secret: { secretArn: string; versionIds: readonly string[] },
  tries: number,
  signal: AbortSignal,
): Promise<void> {
  for (const versionId of secret.versionIds) {
    try {
      const keys = await parts.vault.read(secret.secretArn, versionId, signal)
      if (keys) await revokeUnused(parts, keys, { accountId, officeIds: [keys.officeId] }, signal)
    } catch (error) {
      const isUnreadable = error instanceof ConnectionFailure && error.code === 'KEYS_UNREADABLE'
      if (!isUnreadable && tries < mostTries) throw error
      parts.log.error({ err: error, accountId }, 'keys of a disconnected practice could not be revoked')
    }
  }
}
