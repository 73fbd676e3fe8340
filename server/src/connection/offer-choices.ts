import { randomUUID } from 'node:crypto'
import { ConnectionFailure } from '../failure.ts'
import type { FoundPractice } from './find-practice.ts'
import { persist } from './persist.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Work } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'
import type { Grant } from '../practice.ts'
import { rideOutStorage } from './ride-out-storage.ts'

export interface ChoiceParts {
  work: Work
  vault: Vault
  isPassing: (error: unknown) => boolean
}

/**
 * Offers the user a choice, and keeps the keys in Secrets Manager for the server that receives it.
 * @throws {ConnectionFailure} STORAGE_UNAVAILABLE, INTERRUPTED
 */
export async function offerChoices(
  parts: ChoiceParts,
  attempt: Held,
  grant: Grant,
  practices: readonly FoundPractice[],
  replaces: { officeId: string; practiceName: string } | undefined,
  signal: AbortSignal,
): Promise<void> {
  const offered = practices.map(({ officeId, practiceName, pmsType, city, state, places }) => ({
    id: randomUUID(),
    officeId,
    practiceName,
    pmsType,
    city,
    state,
    places,
  }))
  const grantArn = await rideOutStorage(() => parts.vault.keepGrant(attempt.id, grant, signal), signal)
  const offer = () => parts.work.offerChoices(attempt, { replaces, offered }, grantArn)
  if (await persist(offer, parts.isPassing, signal)) return
  throw new ConnectionFailure('INTERRUPTED', 'The attempt was no longer this worker’s when its choices were offered')
}
