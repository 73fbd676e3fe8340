import { openDatabase, type PrismaClient } from '@pms/prisma/client'
import { openPool } from '@pms/prisma/pool'
import { openStatements, type StatementPool } from '@pms/prisma/statements'
import { pino } from 'pino'
import { jobQueue, type JobQueue } from '../../src/store/job-queue.ts'

/** What the stores are made of. */
export interface StoreParts extends AsyncDisposable {
  db: PrismaClient
  statements: StatementPool
  jobs: JobQueue
}

/** Of a database, without a server. */
export async function openStores(databaseUrl: string): Promise<StoreParts> {
  const pool = openPool(databaseUrl, { connections: 10, applicationName: 'test' })
  const db = openDatabase(pool)
  const jobs = jobQueue(databaseUrl, pino({ level: 'silent' }))
  await jobs.start()
  return {
    db,
    statements: openStatements(pool),
    jobs,
    async [Symbol.asyncDispose]() {
      await jobs.close()
      await db.$disconnect()
    },
  }
}
