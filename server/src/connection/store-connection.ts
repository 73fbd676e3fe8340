import { ConnectionFailure } from '../failure.ts'
import type { ExchangedGrant } from './exchange-code.ts'
import { persist } from './persist.ts'
import type { Integrations, Vault } from './ports.ts'
import type { ReservedPractice } from './reserve-office.ts'

/**
 * Contract, section 6, steps 7 and 8: the secret first, then the row that points to it. The attempt's
 * id is the secret's version, so that the write can be told from others and repeated without effect.
 * @throws {ConnectionFailure} STORAGE_UNAVAILABLE, CONFIG, CONFLICT, INTERRUPTED
 */
export async function storeConnection(
  parts: { vault: Vault; integrations: Integrations; isPassing: (error: unknown) => boolean },
  grant: ExchangedGrant,
  practice: ReservedPractice,
  signal: AbortSignal,
): Promise<void> {
  const { attempt, requestKey, refreshKey, expiresAt } = grant
  const keys = { ...practice, requestKey, refreshKey, tokenExpiry: expiresAt }
  const written = await parts.vault.write(attempt.accountId, attempt.id, keys, signal)
  const { officeId, practiceName, pmsType } = practice
  const connected = { officeId, practiceName, pmsType, ...written, tokenExpiresAt: expiresAt }
  const activate = () => parts.integrations.activate(attempt, connected, attempt.requestId)
  const outcome = await persist(activate, parts.isPassing, signal)
  if (outcome === 'taken') throw new ConnectionFailure('CONFLICT', 'The practice is connected to another account')
  if (outcome === 'lost') throw new ConnectionFailure('INTERRUPTED', 'The attempt was over before it was recorded')
}
