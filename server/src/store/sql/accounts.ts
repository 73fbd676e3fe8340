/** What Prisma cannot say of accounts: the look-up of many in one statement, and an insert that may come second. */
import type { Statements } from '@pms/prisma/statements'

/** Whom a token speaks for. */
export interface AccountKey {
  issuer: string
  subject: string
}

/** Planned once for a connection, as sql/status.ts says. @returns a row for each key, in their order */
export function findAccounts(db: Statements, keys: readonly AccountKey[]) {
  return db.$queryRaw<{ id: string | null }[]>`
    SELECT a.id
    FROM ROWS FROM (json_to_recordset(${JSON.stringify(keys)}::json) AS (issuer text, subject text))
      WITH ORDINALITY AS asked (issuer, subject, place)
    LEFT JOIN LATERAL (
      SELECT id FROM accounts WHERE issuer = asked.issuer AND subject = asked.subject LIMIT 1
    ) a ON true
    ORDER BY asked.place`
}

/** @returns no row when there is one with this key */
export function makeAccount(db: Statements, id: string, { issuer, subject }: AccountKey) {
  return db.$queryRaw<{ id: string }[]>`
    INSERT INTO accounts (id, issuer, subject) VALUES (${id}::uuid, ${issuer}, ${subject})
    ON CONFLICT (issuer, subject) DO NOTHING RETURNING id`
}
