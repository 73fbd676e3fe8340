import { ConnectionFailure } from '../failure.ts'
import type { Integrations } from './ports.ts'
import { revokeUnused, type ReleaseParts } from './release-keys.ts'
import { inBackground, type ForAnybody } from './upstreams.ts'

/** Longest time for one try, milliseconds. */
const longestTry = 40_000

/** After so many tries, some three days, keys that Sikka does not revoke no longer keep their secret. */
const mostTries = 450

/**
 * Makes an account's secret what the account's row says: in use, with AWSCURRENT on the row's version; or, without
 * such a row, its keys revoked and its deletion scheduled. Whatever was interrupted before, and however often it is
 * done, it comes to the same.
 * @throws {ConnectionFailure} when it has to be tried again
 */
export async function settleSecret(unbound: ForAnybody<ReleaseParts>, accountId: string, tries = 1): Promise<void> {
  const parts = inBackground(unbound, accountId)
  const signal = AbortSignal.timeout(longestTry)
  for (;;) {
    // What Secrets Manager says is read first: the row can only be newer, so AWSCURRENT never goes back.
    const secret = await parts.vault.describe(parts.vault.secretOf(accountId), signal)
    const need = await parts.integrations.secretNeed(accountId)
    if (secret.state === 'absent') {
      if (need.inUse) throw new ConnectionFailure('KEYS_UNREADABLE', 'The secret of a connected practice is gone')
      return
    }
    if (need.inUse) {
      if (secret.state === 'deleting') await parts.vault.restore(secret.secretArn, signal)
      const { secretVersionId } = need.inUse
      if (secret.currentVersionId === secretVersionId) return
      if (await parts.vault.promote(secret.secretArn, secret.currentVersionId, secretVersionId, signal)) return
      continue
    }
    if (need.storing) throw new ConnectionFailure('STORAGE_UNAVAILABLE', 'An attempt is writing to this secret')
    if (secret.state === 'deleting') return
    await revokeVersions(parts, accountId, secret, tries, signal)
    // Sikka may have taken its time, and a new consent have come in it.
    if (!isUnused(await parts.integrations.secretNeed(accountId))) continue
    await parts.vault.scheduleDeletion(secret.secretArn, signal)
    // Nothing keeps a new consent from coming in between: then the secret has to come back.
    if (isUnused(await parts.integrations.secretNeed(accountId))) return
  }
}

function isUnused(need: Awaited<ReturnType<Integrations['secretNeed']>>): boolean {
  return !need.inUse && !need.storing
}

/** Before the deletion: afterwards nobody can read which keys to revoke. */
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
