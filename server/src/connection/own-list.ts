import { ConnectionFailure } from '../failure.ts'
import { persist } from './persist.ts'
import type { Work } from '../store/open-store.ts'

/** For a single office that Sikka has not named: connect it, ask the user, or reject it (contract, section 3). */
export type UnnamedOffice = 'infer' | 'confirm' | 'keys'

/**
 * Contract, section 6, step 5. Without `issued_to` the list may be the user's or hold every office that ever authorised
 * the application (sikka-api, Unknown). A list with an office that is or ever was another account's is not the user's.
 * @throws {ConnectionFailure} OFFICE_UNPROVEN
 */
export async function demandOwnList(
  parts: { work: Pick<Work, 'isAnyOfOthers'>; isPassing: (error: unknown) => boolean },
  accountId: string,
  officeIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const look = () => parts.work.isAnyOfOthers(accountId, officeIds)
  if (await persist(look, parts.isPassing, signal)) throw officeUnproven()
}

export function officeUnproven(why = 'Sikka names no office, and lists one of another account'): ConnectionFailure {
  return new ConnectionFailure('OFFICE_UNPROVEN', why)
}
