import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { ConnectionFailure, type FailureReason } from '../failure.ts'
import { byDatabaseClock } from './exchange-code.ts'
import { persist } from './persist.ts'
import type { SikkaClient as Sikka } from '../sikka/client.ts'
import type { Integrations, Work } from '../store/open-store.ts'
import type { RefreshLease } from '../store/refresh.ts'
import type { Vault } from '../vault/client.ts'
import type { PracticeKeys } from '../vault/practice-keys.ts'
import type { Grant } from '../practice.ts'
import { TooManyRefused, type RefusalBrake } from './refusal-brake.ts'
import { releaseKeys } from './release-keys.ts'
import { repeat } from '../repeat.ts'
import { settleSecret } from './settle-secret.ts'
import { inBackground, type ForAnybody, type UpstreamsFor } from './upstreams.ts'

export interface RefreshParts {
  integrations: Integrations
  work: Pick<Work, 'releaseGrant'>
  sikka: Sikka
  vault: Vault
  upstreams: UpstreamsFor
  log: Logger
  isPassing: (error: unknown) => boolean
  brake: RefusalBrake
  /** called with each refresh's outcome */
  onRefresh: (outcome: RefreshOutcome) => void
}

/**
 * `idle`: not due, or leased by another; `superseded`: a newer consent or a disconnect came first; `braked`: refused
 * like many others in a row, so that it counts as our own error.
 */
export type RefreshOutcome = 'refreshed' | 'idle' | 'superseded' | 'reconnect' | 'braked' | 'failed'

/** Time limit of the whole refresh, milliseconds; shorter than the lease on the row (90 s). */
const longestRefresh = 75_000

/** Pauses before writing new keys is retried, milliseconds: they exist nowhere else. */
const pauses: readonly number[] = [500, 1_000, 2_000, 4_000, 8_000]

/**
 * Refreshes a connected practice's keys in time, one refresh at a time across all servers. The keys in use stay until
 * new ones are in Secrets Manager and the row points to them.
 * @throws {ConnectionFailure} when it has to be retried later; nothing has changed then
 */
export async function refreshKeys(parts: ForAnybody<RefreshParts>, integrationId: string): Promise<RefreshOutcome> {
  const lease = await parts.integrations.leaseForRefresh(integrationId)
  if (!lease) return 'idle'
  const log = parts.log.child({ accountId: lease.accountId, integrationId })
  try {
    const outcome = await refreshHeld(inBackground(parts, lease.accountId), lease, log)
    log.info({ outcome }, 'keys refreshed')
    parts.onRefresh(outcome)
    return outcome
  } catch (error) {
    parts.onRefresh(error instanceof TooManyRefused ? 'braked' : 'failed')
    // The job logs transient errors; this one stays until an operator fixes it.
    if (error instanceof ConnectionFailure && error.code === 'CONFIG') {
      log.error({ err: error, errorCode: error.code }, 'keys cannot be refreshed: our own settings are refused')
    }
    // Free the lease, so that the job alone decides when to retry.
    await parts.integrations.endRefresh(lease).catch(() => undefined)
    throw error
  }
}

async function refreshHeld(parts: RefreshParts, lease: RefreshLease, log: Logger): Promise<RefreshOutcome> {
  const signal = AbortSignal.timeout(longestRefresh)
  const leasedAt = performance.now()
  const keys = await readKeys(parts, lease, signal)
  if (keys === 'unreadable') return requireReconnect(parts, lease, 'KEYS_UNREADABLE', log)
  if (keys === 'missing') return missingKeys(parts, lease, log)
  if (lease.keysMissing) await parts.integrations.noteKeysFound(lease)
  const isOvertaken = async () => !(await parts.integrations.holdsRefresh(lease))
  const grant = await newGrant(parts.sikka, keys, { isOvertaken, log }, signal)
  if (grant === 'overtaken') return 'superseded'
  if (grant === 'refused') return requireReconnect(parts, lease, 'RECONNECT_REQUIRED', log)

  // The database's current time, measured by a monotonic clock (F91).
  const now = new Date(lease.now.getTime() + performance.now() - leasedAt)
  const { expiresAt } = byDatabaseClock(grant, Date.now(), now)
  const { requestKey } = grant
  const renewed = { ...keys, requestKey, refreshKey: grant.refreshKey ?? keys.refreshKey, tokenExpiry: expiresAt }
  const secretVersionId = randomUUID()
  // A refresh key lives until it is deleted: revoke new keys that nobody will use, if need be later.
  const release = () =>
    releaseKeys(parts, { id: secretVersionId, accountId: lease.accountId }, { ...grant, issuedTo: lease.officeId })
  const add = () => parts.vault.add(lease.secretArn, secretVersionId, renewed, signal)
  // A secret that is gone, or waits for its deletion, stays so (F100).
  const added = await repeat(add, pauses, mayPass, { signal }).catch(async (error: unknown) => {
    await release()
    throw error
  })
  const save = () => parts.integrations.saveRefreshed(lease, { secretVersionId, tokenExpiresAt: expiresAt })
  const saved = added && (await persist(save, parts.isPassing, signal))
  if (!saved) {
    await release()
    // Keys added to a secret that is being deleted may have come too late to be revoked with it.
    await parts.integrations.requestSettling(lease.accountId)
    return 'superseded'
  }
  parts.brake.accepted()
  await settleSecret(parts, lease).catch((error: unknown) => log.warn({ err: error }, 'not settled yet'))
  return 'refreshed'
}

/**
 * First restores a secret that is scheduled for deletion although its row is in use.
 * @returns `unreadable` when the keys can never be read (F58); `missing` when the secret or its version is not found
 */
async function readKeys(
  parts: RefreshParts,
  lease: RefreshLease,
  signal: AbortSignal,
): Promise<PracticeKeys | 'unreadable' | 'missing'> {
  const read = async () => {
    const keys = await unless('unreadable', () => parts.vault.read(lease.secretArn, lease.secretVersionId, signal))
    if (keys === undefined || keys === 'unreadable') return keys
    return keys.officeId === lease.officeId ? keys : 'unreadable'
  }
  const found = await read()
  if (found !== undefined) return found
  const settled = await unless('missing', () => settleSecret(parts, { accountId: lease.accountId }))
  return settled ?? (await read()) ?? 'missing'
}

/** @returns `otherwise` instead of the failure KEYS_UNREADABLE */
async function unless<Result, Otherwise extends string>(
  otherwise: Otherwise,
  work: () => Promise<Result>,
): Promise<Result | Otherwise> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ConnectionFailure && error.code === 'KEYS_UNREADABLE') return otherwise
    throw error
  }
}

/**
 * The row's secret may be missing because we look in the wrong place: retry for some hours before bothering the user
 * (S11).
 * @throws {ConnectionFailure} STORAGE_UNAVAILABLE until then
 */
async function missingKeys(parts: RefreshParts, lease: RefreshLease, log: Logger): Promise<RefreshOutcome> {
  const since = await parts.integrations.noteKeysMissing(lease)
  if (since === 'too long') return requireReconnect(parts, lease, 'KEYS_UNREADABLE', log)
  const errorCode = 'KEYS_UNREADABLE'
  if (since === 'first') {
    log.error(
      { errorCode },
      'the keys of a connected practice are not found in Secrets Manager; looking again for six hours. Check AWS_REGION, the AWS account, and who has deleted its secret',
    )
  }
  throw new ConnectionFailure('STORAGE_UNAVAILABLE', 'The keys of a connected practice are not found')
}

/**
 * Tries the `refresh_key` grant once; if it is refused or its outcome is unknown, the `request_key` grant, which needs
 * no user either (sikka-api). Before the second grant, checks whether others have changed the keys: if so, theirs are
 * in use, and the refresh key was refused because they have spent it (F94).
 * @returns `refused` only when both were refused for good
 */
async function newGrant(
  sikka: Sikka,
  keys: PracticeKeys,
  { isOvertaken, log }: { isOvertaken: () => Promise<boolean>; log: Logger },
  signal: AbortSignal,
): Promise<Grant | 'refused' | 'overtaken'> {
  if (keys.refreshKey) {
    try {
      return ofOffice(await sikka.refreshKeys(keys.refreshKey, signal), keys.officeId)
    } catch (error) {
      if (!(error instanceof ConnectionFailure) || !mayRenew.has(error.reason)) throw error
      if (await isOvertaken()) return 'overtaken'
      log.warn({ err: error }, 'the refresh key was not accepted; trying with the secret key')
      const renewed = await renew(sikka, keys, signal)
      // Not both for good: the refresh key may still work, and Sikka may say so next time.
      if (renewed === 'refused' && error.reason === 'unclear') throw error
      return renewed
    }
  }
  return renew(sikka, keys, signal)
}

/** When to try the secret key: the refresh key may be dead, or its grant may have a wrong parameter. */
const mayRenew: ReadonlySet<FailureReason | undefined> = new Set(['refused', 'unclear', 'bad_parameter'])

async function renew(sikka: Sikka, keys: PracticeKeys, signal: AbortSignal): Promise<Grant | 'refused'> {
  try {
    return ofOffice(await sikka.renewKeys(keys, signal), keys.officeId)
  } catch (error) {
    if (error instanceof ConnectionFailure && error.reason === 'refused') return 'refused'
    throw error
  }
}

/**
 * Rejects keys of another office: they are never stored.
 * @param officeId undefined while the expected office is unknown
 */
export function ofOffice(grant: Grant, officeId: string | undefined): Grant {
  if (grant.issuedTo === undefined || officeId === undefined || grant.issuedTo === officeId) return grant
  throw new ConnectionFailure('BAD_RESPONSE', 'Sikka answered a refresh with keys of another office')
}

async function requireReconnect(
  parts: RefreshParts,
  lease: RefreshLease,
  code: 'RECONNECT_REQUIRED' | 'KEYS_UNREADABLE',
  log: Logger,
): Promise<RefreshOutcome> {
  if (!parts.brake.mayFlip(lease.accountId)) throw new TooManyRefused()
  // By the row's generation: if the keys were changed meanwhile, the new ones are better (F94).
  if (!(await parts.integrations.requireReconnect(lease, code))) return 'superseded'
  log.error({ errorCode: code }, 'the practice has to be connected again: its keys are no longer accepted')
  return 'reconnect'
}

function mayPass(error: unknown): boolean {
  return error instanceof ConnectionFailure && error.code === 'STORAGE_UNAVAILABLE' && error.reason !== undefined
}

/**
 * The job: runs `refresh`; if another server holds the lease, throws, so that it is retried in case that server died.
 * @throws {ConnectionFailure} when the job has to be retried
 */
export async function refreshInTime(
  integrations: Integrations,
  refresh: (integrationId: string) => Promise<RefreshOutcome>,
  integrationId: string,
): Promise<void> {
  if ((await refresh(integrationId)) !== 'idle' || !(await integrations.isRefreshDue(integrationId))) return
  throw new ConnectionFailure('STORAGE_UNAVAILABLE', 'Another server refreshes these keys')
}
