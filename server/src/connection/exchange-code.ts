import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import type { ClaimedAttempt } from './claim-attempt.ts'
import { persist } from './persist.ts'
import type { SikkaClient as Sikka } from '../sikka/client.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Work } from '../store/open-store.ts'
import type { Grant } from '../practice.ts'

declare const exchanged: unique symbol

/** Keys received for an attempt. Only `recordKeys`, and `keptGrant` for a choice, make one. */
export interface ExchangedGrant extends Grant {
  readonly [exchanged]: true
}

/**
 * Contract, section 6, step 4. Commits that the code may have been sent, then sends it once: never again, whatever the
 * first answer was.
 * @returns the keys, with their expiry by the database's clock
 * @throws {ConnectionFailure} INTERRUPTED when the attempt is no longer this worker's, or what Sikka answered
 */
export async function exchangeCode(
  parts: { work: Work; sikka: Sikka; isPassing: (error: unknown) => boolean },
  attempt: ClaimedAttempt,
  code: Redacted,
  onKeys: (grant: Grant) => void,
  signal: AbortSignal,
): Promise<ExchangedGrant> {
  // It succeeds once: if its answer was lost, the retry returns false, and no code is sent.
  const start = () => parts.work.startExchange(attempt)
  if (!(await persist(start, parts.isPassing, signal))) throw lost('before the code was sent')
  return recordKeys(parts, attempt, await parts.sikka.exchangeCode(code, signal), onKeys, signal)
}

/**
 * Records that an attempt has just received keys.
 * @returns the keys, with their expiry by the database's clock
 * @throws {ConnectionFailure} INTERRUPTED when the attempt is no longer this worker's
 */
export async function recordKeys(
  parts: { work: Work; isPassing: (error: unknown) => boolean },
  attempt: Held,
  grant: Grant,
  onKeys: (grant: Grant) => void,
  signal: AbortSignal,
): Promise<ExchangedGrant> {
  const receivedAt = Date.now()
  onKeys(grant)
  const now = await persist(() => parts.work.recordKeys(attempt), parts.isPassing, signal)
  if (!now) throw lost('when the keys arrived')
  return byDatabaseClock(grant, receivedAt, now)
}

/** This server's clock may be wrong; the difference between two of its times is right (F90). */
export function byDatabaseClock(grant: Grant, receivedAt: number, now: Date): ExchangedGrant {
  return { ...grant, expiresAt: new Date(now.getTime() + grant.expiresAt.getTime() - receivedAt) } as ExchangedGrant
}

/** Keys that were kept while the user chose. */
export function keptGrant(grant: Grant): ExchangedGrant {
  return grant as ExchangedGrant
}

function lost(when: string): ConnectionFailure {
  return new ConnectionFailure('INTERRUPTED', `The attempt was no longer this worker's ${when}`)
}
