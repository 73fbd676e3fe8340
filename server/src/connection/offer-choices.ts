import { randomUUID } from 'node:crypto'
import { ConnectionFailure } from '../failure.ts'
import type { ExchangedGrant } from './exchange-code.ts'
import { persist } from './persist.ts'
import type { Held, Integrations, Practice, Sikka, Vault, Work } from './ports.ts'
import { rideOutStorage } from './ride-out-storage.ts'

export interface ChoiceParts {
  work: Work
  integrations: Integrations
  vault: Vault
  sikka: Sikka
  isPassing: (error: unknown) => boolean
}

/**
 * Leaves the attempt to the user's choice, its keys kept in Secrets Manager for whichever server the choice comes to.
 * @throws {ConnectionFailure} STORAGE_UNAVAILABLE, INTERRUPTED
 */
export async function offerChoices(
  parts: ChoiceParts,
  attempt: Held,
  grant: ExchangedGrant,
  practices: readonly Practice[],
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
  await rideOutStorage(() => parts.vault.keepGrant(attempt.id, grant, signal), signal)
  const offer = () => parts.work.offerChoices(attempt, { replaces, offered })
  if (await persist(offer, parts.isPassing, signal)) return
  throw new ConnectionFailure('INTERRUPTED', 'The attempt was no longer this worker’s when its choices were offered')
}

/**
 * The list may be the user's, or hold every office that ever authorised the application (sikka-api, Unknown). One
 * that holds an office which is or was another account's is not the user's: nothing of it may be offered, or one
 * clinic could choose another.
 * @throws {ConnectionFailure} SEVERAL_PRACTICES
 */
export async function demandOwnList(
  parts: Pick<ChoiceParts, 'work' | 'isPassing'>,
  accountId: string,
  practices: readonly Practice[],
  signal: AbortSignal,
): Promise<void> {
  const officeIds = practices.map(({ officeId }) => officeId)
  const others = await persist(() => parts.work.officesOfOthers(accountId, officeIds), parts.isPassing, signal)
  if (others.size === 0) return
  throw new ConnectionFailure('SEVERAL_PRACTICES', 'Sikka names no office, and lists some of other accounts')
}
