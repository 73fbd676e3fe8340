import { pino } from 'pino'
import { jobQueue, type JobQueue } from '../../src/store/job-queue.ts'

/** The queues of a database, for who sends jobs without a server. */
export async function openJobs(databaseUrl: string): Promise<JobQueue & AsyncDisposable> {
  const jobs = jobQueue(databaseUrl, pino({ level: 'silent' }))
  await jobs.start()
  return Object.assign(jobs, { [Symbol.asyncDispose]: () => jobs.close() })
}
