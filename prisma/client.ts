import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'

export * from './generated/client.ts'
export { migrationNames } from './migrations-folder.ts'

/** The pool waits for nothing without end; its own defaults have no limits at all. Milliseconds. */
export const databaseLimits = {
  connect: 2_000,
  statement: 5_000,
  idleInTransaction: 10_000,
} as const

/**
 * A client with a pool of at most `connections`; it connects at the first query.
 * @param databaseUrl PostgreSQL 15 or newer
 */
export function openDatabase(databaseUrl: string, { connections = 10 }: { connections?: number } = {}): PrismaClient {
  const adapter = new PrismaPg({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: databaseLimits.connect,
    statement_timeout: databaseLimits.statement,
    idle_in_transaction_session_timeout: databaseLimits.idleInTransaction,
  })
  return new PrismaClient({
    adapter,
    transactionOptions: { maxWait: databaseLimits.connect, timeout: databaseLimits.statement },
  })
}
