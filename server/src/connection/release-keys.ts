import type { Logger } from 'pino'
import { ConnectionFailure } from '../failure.ts'
import { readVersionOf } from './account-secrets.ts'
import type { SikkaClient as Sikka } from '../sikka/client.ts'
import type { AttemptId } from '../store/attempt-sql.ts'
import type { Integrations, Work } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'
import type { Grant, KeyPair } from '../practice.ts'
import { inBackground, type ForAnybody, type UpstreamsFor } from './upstreams.ts'

export interface ReleaseParts {
  integrations: Integrations
  sikka: Sikka
  vault: Vault
  upstreams: UpstreamsFor
  log: Logger
}

/** Longest time for one try, milliseconds. */
const longestTry = 20_000

/**
 * Revokes unused keys. Sikka may issue the same keys twice, so keys in use by this account, or by an account that has
 * this office, are left alone.
 * @throws {ConnectionFailure} when it has to be retried
 */
export async function revokeUnused(
  { integrations, sikka, vault, log }: ReleaseParts,
  keys: KeyPair,
  owner: { accountId: string; officeIds: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const inUse = new Set<string>()
  for (const { secretArn, secretVersionId } of await integrations.keysInUse(owner)) {
    const used = await vault.read(secretArn, secretVersionId, signal)
    if (used) inUse.add(used.requestKey.reveal())
    if (used?.refreshKey) inUse.add(used.refreshKey.reveal())
  }
  const requestKey = inUse.has(keys.requestKey.reveal()) ? undefined : keys.requestKey
  const refreshKey = keys.refreshKey && inUse.has(keys.refreshKey.reveal()) ? undefined : keys.refreshKey
  try {
    await sikka.revokeKeys({ requestKey, refreshKey }, signal)
  } catch (error) {
    // The practice no longer authorises us: its keys are worth nothing.
    if (error instanceof ConnectionFailure && error.reason === 'refused') return
    if (error instanceof ConnectionFailure && error.code === 'CONFIG') {
      log.error({ err: error, errorCode: error.code }, 'keys cannot be revoked: our own settings are refused')
    }
    throw error
  }
}

/**
 * Revokes the keys of a failed attempt or refresh; if that fails, keeps them for a job that goes on trying. Never
 * throws.
 * @param attempt the keys are kept under its id, if need be
 */
export async function releaseKeys(
  unbound: ForAnybody<ReleaseParts> & { work: Pick<Work, 'releaseGrant'> },
  attempt: AttemptId,
  grant: Grant,
): Promise<void> {
  const parts = inBackground(unbound, attempt.accountId)
  const signal = AbortSignal.timeout(longestTry)
  const log = parts.log.child({ attemptId: attempt.id, accountId: attempt.accountId })
  try {
    await revokeUnused(parts, grant, ownerOf(attempt, grant), signal)
  } catch (error) {
    log.warn({ err: error }, 'keys that nobody uses could not be revoked yet')
    try {
      const secretArn = await parts.vault.keepGrant(attempt.id, grant, AbortSignal.timeout(longestTry))
      await parts.work.releaseGrant(attempt, secretArn)
    } catch (unkept) {
      log.error(
        { err: unkept },
        'keys that nobody uses stay valid until they expire: they could be neither revoked nor kept',
      )
    }
  }
}

/** If Sikka named no office, these keys may be of any listed office, and another account may use them. */
function ownerOf({ accountId }: AttemptId, { issuedTo, listed = [] }: Grant) {
  return { accountId, officeIds: issuedTo === undefined ? listed : [issuedTo] }
}

/**
 * The job: revokes and drops keys that were kept for an attempt and are no longer needed.
 * @param secretArn where the keys are, if no attempt's row says so
 */
export async function releaseGrant(
  unbound: ForAnybody<ReleaseParts & { work: Pick<Work, 'grantArn'> }>,
  attempt: AttemptId & { secretArn?: string | undefined },
): Promise<void> {
  const parts = inBackground(unbound, attempt.accountId)
  const signal = AbortSignal.timeout(longestTry)
  const secretArn = attempt.secretArn ?? (await parts.work.grantArn(attempt.id))
  const grant = await parts.vault.readGrant(attempt.id, signal, secretArn)
  if (!grant) return
  await revokeUnused(parts, grant, ownerOf(attempt, grant), signal)
  await parts.vault.dropGrant(attempt.id, signal, secretArn)
}

/**
 * The job: revokes the keys of a version whose practice was replaced by another.
 * @param secretArn where the keys are, when the row may name another secret by now
 */
export async function revokeVersion(
  unbound: ForAnybody<ReleaseParts>,
  { accountId, versionId, secretArn }: { accountId: string; versionId: string; secretArn?: string | undefined },
): Promise<void> {
  const parts = inBackground(unbound, accountId)
  const signal = AbortSignal.timeout(longestTry)
  const known = [secretArn, (await parts.integrations.secretNeed(accountId)).secretArn]
  const version = { accountId, versionId, known: known.filter((each) => each !== undefined) }
  const keys = await readVersionOf(parts.vault, version, signal)
  if (keys) await revokeUnused(parts, keys, { accountId, officeIds: [keys.officeId] }, signal)
}
