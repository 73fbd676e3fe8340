import type { PrismaClient } from '@pms/prisma/client'
import { isUniqueViolation } from './unique-violation.ts'

/** Accounts by the identity of the token: issuer and subject together, and nothing else. */
export interface AccountStore {
  /** @returns the account's id; the account is made at the first call */
  idOf(identity: { issuer: string; subject: string }): Promise<string>
}

export function accountStore(db: PrismaClient): AccountStore {
  return {
    async idOf(identity) {
      const where = { issuer_subject: identity }
      const known = await db.account.findUnique({ where, select: { id: true } })
      if (known) return known.id
      try {
        return (await db.account.create({ data: identity, select: { id: true } })).id
      } catch (error) {
        // Two first calls at once: the other one made it.
        if (!isUniqueViolation(error)) throw error
        return (await db.account.findUniqueOrThrow({ where, select: { id: true } })).id
      }
    },
  }
}
