import type { PrismaClient } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import { askTogether } from './ask-together.ts'
import { findAccounts, type AccountKey } from './sql/accounts.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** Accounts by the identity of the token: issuer and subject together, and nothing else. */
export interface AccountStore {
  /** @returns the account's id; the account is made at the first call */
  idOf(identity: AccountKey): Promise<string>
}

export function accountStore(db: PrismaClient, statements: Statements): AccountStore {
  const find = askTogether((keys: AccountKey[]) => findAccounts(statements, keys))
  return {
    async idOf({ issuer, subject }) {
      const identity = { issuer, subject }
      const { id: known } = await find(identity)
      if (known !== null) return known
      try {
        return (await db.account.create({ data: identity, select: { id: true } })).id
      } catch (error) {
        // Two first calls at once: the other one made it.
        if (!isUniqueViolation(error)) throw error
        const where = { issuer_subject: identity }
        return (await db.account.findUniqueOrThrow({ where, select: { id: true } })).id
      }
    },
  }
}
