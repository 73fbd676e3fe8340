import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'
import { databaseLimits, openPool } from './pool.ts'

export * from './generated/client.ts'
export { migrationNames } from './migrations-folder.ts'

/**
 * A client with a pool of at most `connections`; it connects at the first query.
 * @param databaseUrl PostgreSQL 15 or newer
 */
export function openDatabase(databaseUrl: string, { connections = 10 }: { connections?: number } = {}): PrismaClient {
  const pool = openPool(databaseUrl, { connections, applicationName: 'pms' })
  return new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: true }),
    transactionOptions: { maxWait: databaseLimits.connect, timeout: databaseLimits.statement },
  })
}
