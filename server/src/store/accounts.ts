import { randomUUID } from 'node:crypto'
import type { Statements } from '@pms/prisma/statements'
import { askTogether } from './ask-together.ts'
import { findAccounts, makeAccount, type AccountKey } from './sql/accounts.ts'

/** Accounts by the identity of the token: issuer and subject together, and nothing else. */
export interface AccountStore {
  /** @returns the account's id; the account is made at the first call */
  idOf(identity: AccountKey): Promise<string>
}

export function accountStore(statements: Statements): AccountStore {
  const find = askTogether((keys: AccountKey[]) => findAccounts(statements, keys))
  return {
    async idOf({ issuer, subject }) {
      const identity = { issuer, subject }
      const { id: known } = await find(identity)
      if (known !== null) return known
      const [made] = await makeAccount(statements, randomUUID(), identity)
      if (made) return made.id
      // Two first calls at once: the other one made it.
      const { id } = await find(identity)
      if (id === null) throw new Error('An account is gone that was there a moment ago')
      return id
    },
  }
}
