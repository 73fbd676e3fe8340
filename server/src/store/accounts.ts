/** Accounts, identified by the token's issuer and subject together, and nothing else. */
import { randomUUID } from 'node:crypto'
import { askTogether } from './ask-together.ts'
import type { Db } from './store.ts'

/** The identity that a token proves. */
interface AccountKey {
  issuer: string
  subject: string
}

export interface Accounts {
  /** @returns the account's id; the first call creates the account */
  idOf(identity: AccountKey): Promise<string>
}

export function accountsIn(db: Db): Accounts {
  const find = askTogether((keys: AccountKey[]) => findAccounts(db, keys))
  return {
    async idOf({ issuer, subject }) {
      const identity = { issuer, subject }
      const { id: known } = await find(identity)
      if (known !== null) return known
      const made = await makeAccount(db, identity)
      if (made !== undefined) return made
      // A concurrent first call created it.
      const { id } = await find(identity)
      if (id === null) throw new Error('An account is gone that was there a moment ago')
      return id
    },
  }
}

/** Planned once for each connection, as in status.ts. @returns a row for each key, in their order */
async function findAccounts(db: Db, keys: readonly AccountKey[]): Promise<{ id: string | null }[]> {
  return db.$queryRaw<{ id: string | null }[]>`
    SELECT a.id
    FROM ROWS FROM (json_to_recordset(${JSON.stringify(keys)}::json) AS (issuer text, subject text))
      WITH ORDINALITY AS asked (issuer, subject, place)
    LEFT JOIN LATERAL (
      SELECT id FROM accounts WHERE issuer = asked.issuer AND subject = asked.subject LIMIT 1
    ) a ON true
    ORDER BY asked.place`
}

/** @returns undefined when an account has this key already */
async function makeAccount(db: Db, { issuer, subject }: AccountKey): Promise<string | undefined> {
  const [made] = await db.$queryRaw<{ id: string }[]>`
    INSERT INTO accounts (id, issuer, subject) VALUES (${randomUUID()}::uuid, ${issuer}, ${subject})
    ON CONFLICT (issuer, subject) DO NOTHING RETURNING id`
  return made?.id
}
