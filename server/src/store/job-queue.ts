import { openPool } from '@pms/prisma/pool'
import { PgBoss, fromPrisma, systemClock, type JobInsert, type JobWithMetadata } from 'pg-boss'
import type { Logger } from 'pino'
import { queues, type Job, type JobData, type JobName } from './jobs.ts'
import { takeJobs, type Taking, type Workload } from './take-jobs.ts'

/** What a transaction of Prisma's offers for sending a job within it. */
interface Transaction {
  $queryRawUnsafe<Row = unknown>(query: string, ...values: unknown[]): Promise<Row>
}

/** One of several jobs of a kind. */
interface JobToSend<Name extends JobName> {
  data: JobData<Name>
  /** seconds, by the database's clock; 0 if omitted */
  after?: number
  /** with this key: not sent if one was within the hour */
  onceAnHour?: string
}

/** Jobs are rows of the same PostgreSQL, so a job is there exactly when the change that needs it is. */
export interface JobSender {
  /** @param after seconds, by the database's clock; several for as many jobs */
  send(transaction: Transaction, job: Job, options?: { after?: number | readonly number[] }): Promise<void>
  /** In one statement. Of a queue that somebody has deleted nothing is sent; the sweep says so. */
  sendAll<Name extends JobName>(transaction: Transaction, name: Name, jobs: readonly JobToSend<Name>[]): Promise<void>
}

export interface JobQueue extends JobSender {
  /** Connects, and has the queues made. May be called again after a failure. @throws {Error} when the database lacks pg-boss's schema (pnpm migrate) */
  start(): Promise<void>
  /**
   * Passes jobs to `handle`, one at a time for each account (`groupOf`, T7). A job whose handler throws is retried with
   * backoff. Does nothing when the kind is worked already (S19), or after `stop`.
   */
  work<Name extends JobName>(name: Name, handle: JobHandler<Name>, workload: Workload): void
  /** Once a minute, on one server of all. */
  everyMinute(name: 'sweep'): Promise<void>
  /** No further job is begun; those that run may end, for so long (milliseconds). Jobs can still be sent. */
  stop(within: number): Promise<void>
  close(): Promise<void>
}

type JobHandler<Name extends JobName> = (data: JobData<Name>, tries: number) => Promise<void>

/** Jobs are sent from the time on that the database can be used. */
export class JobsNotStarted extends Error {
  override readonly name = 'JobsNotStarted'
}

/**
 * pg-boss measures its pauses by this, and would not ask for jobs for an hour after the wall clock is set an hour back
 * (F91). What it needs the time of day for, it takes from the database.
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
    // A delete of some minutes' jobs ends within a statement's time, and one of a day's may not, ever.
    maintenanceIntervalSeconds: 600,
  })
  const taken = new Map<JobName, Taking>()
  let isStarted = false
  let failing = false
  let isStopped = false
  /** Logs one line an outage: every server polls each second. */
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
      // What it has begun when it fails would be begun again beside it (S19).
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

/** Whose a job is: nobody waits for more than one job of a kind of somebody else's. */
function groupOf(data: Job['data']): { group?: { id: string } } {
  return 'accountId' in data ? { group: { id: data.accountId } } : {}
}
