/** The look-up of many accounts in one statement, each by its key, which Prisma cannot say. */
import type { PrismaClient } from '@pms/prisma/client'

/** Whom a token speaks for. */
export interface AccountKey {
  issuer: string
  subject: string
}

/** @returns a row for each key, in their order */
export function findAccounts(db: Pick<PrismaClient, '$queryRaw'>, keys: readonly AccountKey[]) {
  const issuers = keys.map(({ issuer }) => issuer)
  const subjects = keys.map(({ subject }) => subject)
  return db.$queryRaw<{ id: string | null }[]>`
    SELECT a.id FROM unnest(${issuers}::text[], ${subjects}::text[]) WITH ORDINALITY AS asked (issuer, subject, place)
    LEFT JOIN accounts a ON a.issuer = asked.issuer AND a.subject = asked.subject
    ORDER BY asked.place`
}
