import { hash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Pool } from 'pg'
import { PrismaClient } from './generated/client.ts'
import { databaseLimits, openPool } from './pool.ts'

export * from './generated/client.ts'
export { migrationNames } from './migrations-folder.ts'

/**
 * A client on this pool, which ends with it, or on one of its own, of ten connections at most.
 * @param database PostgreSQL 15 or newer; it is connected to at the first query
 */
export function openDatabase(database: string | Pool): PrismaClient {
  const pool = typeof database === 'string' ? openPool(database, { connections: 10, applicationName: 'pms' }) : database
  return new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: true, statementNameGenerator: statementNames() }),
    transactionOptions: { maxWait: databaseLimits.connect, timeout: databaseLimits.statement },
  })
}

/** How many statements have a name; ours are some hundred, so more would be a text made anew at each call. */
const mostNames = 1_000

/**
 * A name for each text of a statement, by which a connection keeps it prepared: PostgreSQL spends more time on reading and
 * planning ours than on doing what they say.
 * @returns names; none (an empty one) for what would be too many
 */
function statementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    const known = names.get(sql)
    if (known !== undefined) return known
    if (names.size >= mostNames) return ''
    const name = `q_${hash('sha256', sql).slice(0, 16)}`
    names.set(sql, name)
    return name
  }
}
