import { openDatabase, type PrismaClient } from '@pms/prisma/client'
import { openPool } from '@pms/prisma/pool'
import { pino } from 'pino'
import { jobQueue, type JobQueue } from '../../src/store/job-queue.ts'
import { openStore } from '../../src/store/open-store.ts'

/** What the server's use cases have of a database. */
export interface OpenStores extends AsyncDisposable, ReturnType<typeof openStore> {
  db: PrismaClient
  jobs: JobQueue
}

/** Of a database, without a server. */
export async function openStores(databaseUrl: string): Promise<OpenStores> {
  const db = openDatabase(openPool(databaseUrl, { connections: 10, applicationName: 'test' }))
  const jobs = jobQueue(databaseUrl, pino({ level: 'silent' }))
  await jobs.start()
  return {
    db,
    jobs,
    ...openStore({ db, jobs }),
    async [Symbol.asyncDispose]() {
      await jobs.close()
      await db.$disconnect()
    },
  }
}
