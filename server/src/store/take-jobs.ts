import type { JobWithMetadata, PgBoss } from 'pg-boss'
import { background } from '../background.ts'
import type { JobName } from './jobs.ts'

/** How much of one kind of job a server takes. */
export interface Workload {
  /** jobs that run at a time */
  atOnce: number
  /** jobs that begin in a second */
  perSecond: number
}

/** Milliseconds between two polls, and between two heartbeats. */
const times = { poll: 1_000, heartbeat: 3_000 } as const

export interface Taking {
  /** Begins no further job. Running jobs get `within` milliseconds to end; the rest fail and are retried. */
  stop(within: number): Promise<void>
}

interface TakenJobs<Data> {
  name: JobName
  workload: Workload
  /** Never rejects; false when the job has to be retried. */
  work: (job: JobWithMetadata<Data>) => Promise<boolean>
  /** Called after each exchange with PostgreSQL, with the error if it failed. */
  onExchange: (error?: unknown) => void
}

/**
 * Polls for jobs of one kind once a second and runs as many as there is room for, one at a time for each account (T7).
 * Two servers that poll at the same moment may each begin one of an account; the rows' leases then decide.
 *
 * Replaces pg-boss's workers. Each worker polls separately, which adds up to 22 statements a second on an idle server,
 * and a worker that took several jobs fetches no more until the slowest is done.
 */
export function takeJobs<Data extends object>(
  boss: Pick<PgBoss, 'fetch' | 'touch' | 'complete' | 'fail'>,
  { name, workload: { atOnce, perSecond }, work, onExchange }: TakenJobs<Data>,
): Taking {
  const running = new Set<JobWithMetadata<Data>>()
  const underWay = background()
  let isStopping = false
  let timer: NodeJS.Timeout | undefined

  async function report(exchange: Promise<unknown>): Promise<void> {
    await exchange.then(() => onExchange(), onExchange)
  }

  async function poll(): Promise<void> {
    await report(beginDue(Math.min(perSecond, atOnce - running.size)))
    if (!isStopping) timer = setTimeout(() => void (polling = poll()), times.poll)
  }

  /** pg-boss picks the oldest jobs, then drops all but one of each account: so fetch again, without those accounts. */
  async function beginDue(room: number): Promise<void> {
    const accounts = new Set<string>()
    let left = room
    while (left > 0) {
      const ignoreGroups = accounts.size > 0 ? [...accounts] : null
      const options = { batchSize: left, groupConcurrency: 1, ignoreGroups, includeMetadata: true } as const
      const jobs = await boss.fetch<Data>(name, options)
      if (jobs.length === 0) return
      if (isStopping) return report(boss.fail(name, jobs))
      for (const job of jobs) {
        if (job.groupId) accounts.add(job.groupId)
        running.add(job)
        underWay.track(run(job))
      }
      left -= jobs.length
    }
  }

  /** Never rejects. If the result cannot be written, the job is retried once its heartbeat is missed. */
  async function run(job: JobWithMetadata<Data>): Promise<void> {
    // PostgreSQL fails the job at that time as well: here it only frees its place.
    const { promise: expired, resolve } = Promise.withResolvers<false>()
    const expiry = setTimeout(() => resolve(false), job.expireInSeconds * 1_000)
    const isDone = await Promise.race([work(job), expired])
    clearTimeout(expiry)
    await report(isDone ? boss.complete(name, job) : boss.fail(name, job))
    running.delete(job)
  }

  const heartbeat = setInterval(() => {
    if (running.size > 0) void report(boss.touch(name, [...running]))
  }, times.heartbeat)
  let polling = poll()

  return {
    async stop(within) {
      isStopping = true
      clearTimeout(timer)
      await polling
      await underWay.settle(within)
      clearInterval(heartbeat)
      if (running.size > 0) await report(boss.fail(name, [...running]))
    },
  }
}
