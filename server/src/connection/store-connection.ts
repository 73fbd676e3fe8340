import { ConnectionFailure } from '../failure.ts'
import type { ExchangedGrant } from './exchange-code.ts'
import { persist } from './persist.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Integrations } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'
import type { PracticeKeys } from '../vault/practice-keys.ts'
import type { ReservedPractice } from './reserve-office.ts'
import { rideOutStorage } from './ride-out-storage.ts'

export interface StoringParts {
  vault: Vault
  integrations: Integrations
  isPassing: (error: unknown) => boolean
}

/**
 * Contract, section 6, steps 7 and 8: the secret first, then the row that points to it. The attempt's id is the
 * secret's version: it identifies the write and makes it idempotent.
 * @param isWorkedOnce whether only this worker can ever have written these keys
 * @returns whether the secret was created with these keys, and so is settled
 * @throws {ConnectionFailure} STORAGE_UNAVAILABLE, CONFIG, CONFLICT, INTERRUPTED
 */
export async function storeConnection(
  parts: StoringParts & { onTokenTaken: () => void },
  attempt: Held & { requestId: string | undefined },
  grant: ExchangedGrant,
  { practice, isWorkedOnce }: { practice: ReservedPractice; isWorkedOnce: boolean },
  signal: AbortSignal,
): Promise<boolean> {
  const { requestKey, refreshKey, expiresAt } = grant
  const { knownSecret: known, ...found } = practice
  const keys: PracticeKeys = { ...found, requestKey, refreshKey, tokenExpiry: expiresAt }
  let writes = 0
  const write = () => {
    writes += 1
    return parts.vault.write(attempt.accountId, attempt.id, keys, signal, known)
  }
  const { tokenTaken, isFirst, ...written } = await rideOutStorage(write, signal)
  if (tokenTaken) parts.onTokenTaken()
  const isSettled = isFirst && writes === 1 && isWorkedOnce
  await activateConnection(parts, attempt, { ...keys, ...written, isSettled }, signal)
  return isSettled
}

/** Activates the row, once the secret is written. */
export async function activateConnection(
  parts: StoringParts,
  attempt: Held & { requestId: string | undefined },
  keys: PracticeKeys & { secretArn: string; secretVersionId: string; isSettled: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { officeId, practiceName, pmsType, secretArn, secretVersionId, isSettled, tokenExpiry: tokenExpiresAt } = keys
  const connected = { officeId, practiceName, pmsType, secretArn, secretVersionId, isSettled, tokenExpiresAt }
  const activate = () => parts.integrations.activate(attempt, connected, attempt.requestId)
  const outcome = await persist(activate, parts.isPassing, signal)
  if (outcome === 'taken') throw new ConnectionFailure('CONFLICT', 'The practice is connected to another account')
  if (outcome === 'lost') throw new ConnectionFailure('INTERRUPTED', 'The attempt was over before it was recorded')
}
