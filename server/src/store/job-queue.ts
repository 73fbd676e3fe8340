import { openPool } from '@pms/prisma/pool'
import { PgBoss, fromPrisma, systemClock, type JobInsert, type JobWithMetadata } from 'pg-boss'
import type { Logger } from 'pino'
import { queues, type Job, type JobData, type JobName } from './jobs.ts'
import { takeJobs, type Taking, type Workload } from './take-jobs.ts'

/** The part of a Prisma transaction needed to send a job within it. */
interface Transaction {
  $queryRawUnsafe<Row = unknown>(query: string, ...values: unknown[]): Promise<Row>
}

/** One of several jobs of a kind. */
interface JobToSend<Name extends JobName> {
  data: JobData<Name>
  /** seconds, by the database's clock; 0 if omitted */
  after?: number
  /** key: not sent if a job with it was sent within the hour */
  onceAnHour?: string
}

/** Jobs are rows of the same PostgreSQL, so a job exists exactly when the change that needs it does. */
export interface JobSender {
  /** @param after seconds, by the database's clock; one job for each */
  send(transaction: Transaction, job: Job, options?: { after?: number | readonly number[] }): Promise<void>
  /** Sends in one statement. Sends nothing if the queue was deleted; the sweep reports that. */
  sendAll<Name extends JobName>(transaction: Transaction, name: Name, jobs: readonly JobToSend<Name>[]): Promise<void>
}

export interface JobQueue extends JobSender {
  /**
   * Connects and creates the queues. May be called again after a failure.
   * @throws {Error} when the database lacks pg-boss's schema (pnpm migrate)
   */
  start(): Promise<void>
  /**
   * Passes jobs to `handle`, one at a time for each account (`groupOf`, T7). A job whose handler throws is retried with
   * backoff. Does nothing if this kind already has a handler (S19), or after `stop`.
   */
  work<Name extends JobName>(name: Name, handle: JobHandler<Name>, workload: Workload): void
  /** Runs the job once a minute, on one server only. */
  everyMinute(name: 'sweep'): Promise<void>
  /** Begins no further job; running jobs get `within` milliseconds to end. Jobs can still be sent. */
  stop(within: number): Promise<void>
  close(): Promise<void>
}

type JobHandler<Name extends JobName> = (data: JobData<Name>, tries: number) => Promise<void>

/** A job was sent before the database was ready. */
export class JobsNotStarted extends Error {
  override readonly name = 'JobsNotStarted'
}

/**
 * pg-boss times its pauses by this clock, and would not poll for an hour after the wall clock is set an hour back
 * (F91). It takes the time of day from the database.
 */
const steadyClock = { ...systemClock, now: () => performance.timeOrigin + performance.now() }

export function jobQueue(databaseUrl: string, log: Logger): JobQueue {
  const pool = openPool(databaseUrl, { connections: 3, applicationName: 'pms-jobs' })
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    clock: steadyClock,
    migrate: false,
    createSchema: false,
    monitorIntervalSeconds: 15,
    superviseIntervalSeconds: 15,
    // Deleting a few minutes' jobs fits the statement timeout; deleting a day's may never.
    maintenanceIntervalSeconds: 600,
  })
  const taken = new Map<JobName, Taking>()
  let isStarted = false
  let failing = false
  let isStopped = false
  /** Logs once per outage: every server polls each second. */
  function onExchange(error?: unknown): void {
    if (error !== undefined && !failing) log.warn({ err: error }, 'jobs cannot be read')
    failing = error !== undefined
  }
  boss.on('error', onExchange)
  boss.on('warning', (warning) => log.warn({ warning: warning.message }, 'jobs'))

  async function handleOne<Name extends JobName>(
    name: Name,
    job: JobWithMetadata<JobData<Name>>,
    handle: JobHandler<Name>,
  ): Promise<boolean> {
    const tries = job.retryCount + 1
    try {
      await handle(job.data, tries)
      return true
    } catch (error) {
      log.warn({ err: error, job: name, data: job.data, tries }, 'a job failed and comes again')
      return false
    }
  }

  async function insert(transaction: Transaction, name: JobName, jobs: JobInsert[]): Promise<void> {
    if (!isStarted) throw new JobsNotStarted('No job can be sent before the server is ready')
    await boss.insert(name, jobs, { db: fromPrisma(transaction) })
  }

  return {
    async start() {
      // Otherwise the next try would start again what this one had started (S19).
      await boss.start().catch(async (error: unknown) => {
        await boss.stop({ graceful: false }).catch(() => undefined)
        throw error
      })
      for (const [name, options] of Object.entries(queues)) {
        await boss.createQueue(name, options)
        await boss.updateQueue(name, options)
      }
      isStarted = true
    },
    async send(transaction, { name, data }, { after = 0 } = {}) {
      const inserts = [after].flat().map((startAfter) => insertOf(data, startAfter))
      await insert(transaction, name, inserts)
    },
    async sendAll(transaction, name, jobs) {
      const inserts = jobs.map(({ data, after = 0, onceAnHour }) => {
        const once = onceAnHour === undefined ? {} : { singletonKey: onceAnHour, singletonSeconds: 3_600 }
        return Object.assign(insertOf(data, after), once)
      })
      if (inserts.length > 0) await insert(transaction, name, inserts)
    },
    work(name, handle, workload) {
      if (isStopped || taken.has(name)) return
      taken.set(
        name,
        takeJobs<JobData<typeof name>>(boss, {
          name,
          workload,
          work: (job) => handleOne(name, job, handle),
          onExchange,
        }),
      )
    },
    async everyMinute(name) {
      await boss.schedule(name, '* * * * *', {})
    },
    async stop(within) {
      isStopped = true
      await Promise.all([...taken.values()].map((taking) => taking.stop(within)))
      await boss.stop({ graceful: true, timeout: within, close: false })
    },
    async close() {
      isStopped = true
      await Promise.all([...taken.values()].map((taking) => taking.stop(0)))
      await boss.stop({ graceful: false })
      await pool.end()
    },
  }
}

/** @param startAfter seconds, by the database's clock */
function insertOf(data: Job['data'], startAfter: number): JobInsert {
  return { data, startAfter, ...groupOf(data) }
}

/** The account of a job: others wait for at most one of its jobs of a kind. */
function groupOf(data: Job['data']): { group?: { id: string } } {
  return 'accountId' in data ? { group: { id: data.accountId } } : {}
}
