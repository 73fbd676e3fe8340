import { PrismaPg } from '@prisma/adapter-pg'
import type { Pool } from 'pg'
import { PrismaClient } from './generated/client.ts'
import { databaseLimits, openPool } from './pool.ts'
import { statementNames } from './statement-names.ts'

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
