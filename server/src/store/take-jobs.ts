import type { JobWithMetadata, PgBoss } from 'pg-boss'
import type { JobName } from './jobs.ts'

/** How much of a kind one server takes. */
export interface Workload {
  /** jobs that it works on at a time */
  atOnce: number
  /** jobs that it begins in a second */
  perSecond: number
}

/** Milliseconds between two looks for jobs, and between two signs that jobs are still worked on. */
const times = { look: 1_000, sign: 3_000 } as const

export interface Taking {
  /** No further job is begun. Those running have `within` milliseconds to end; the others are marked as failed, and come again. */
  stop(within: number): Promise<void>
}

interface TakenJobs<Data> {
  name: JobName
  workload: Workload
  /** Never rejects; false when the job has to come again. */
  work: (job: JobWithMetadata<Data>) => Promise<boolean>
  /** Hears how each exchange with PostgreSQL went: of an error, or of none. */
  hear: (error?: unknown) => void
}

/**
 * Takes jobs of a kind once a second, as many as there is room for beside those still running, and of one account one at a
 * time (T7). Two servers that look at the same moment may each begin one of an account; the rows' leases decide then.
 *
 * Written by hand on pg-boss's own calls. Its workers ask one by one, five or three of each kind: twenty-two statements a
 * second for a server that has nothing to do. And a worker that takes several jobs takes no more until the slowest is done.
 */
export function takeJobs<Data extends object>(
  boss: Pick<PgBoss, 'fetch' | 'touch' | 'complete' | 'fail'>,
  { name, workload: { atOnce, perSecond }, work, hear }: TakenJobs<Data>,
): Taking {
  const running = new Map<JobWithMetadata<Data>, Promise<void>>()
  let isStopping = false
  let timer: NodeJS.Timeout | undefined

  async function say(exchange: Promise<unknown>): Promise<void> {
    await exchange.then(() => hear(), hear)
  }

  async function look(): Promise<void> {
    try {
      await beginDue(Math.min(perSecond, atOnce - running.size))
      hear()
    } catch (error) {
      hear(error)
    }
    if (!isStopping) timer = setTimeout(() => void (looking = look()), times.look)
  }

  /** pg-boss looks at the oldest jobs and leaves out all but one of an account, so others are asked for once more. */
  async function beginDue(room: number): Promise<void> {
    const accounts = new Set<string>()
    let left = room
    while (left > 0) {
      const ignoreGroups = accounts.size > 0 ? [...accounts] : null
      const options = { batchSize: left, groupConcurrency: 1, ignoreGroups, includeMetadata: true } as const
      const jobs = await boss.fetch<Data>(name, options)
      if (jobs.length === 0) return
      if (isStopping) return say(boss.fail(name, jobs))
      for (const job of jobs) {
        if (job.groupId) accounts.add(job.groupId)
        running.set(
          job,
          run(job).finally(() => running.delete(job)),
        )
      }
      left -= jobs.length
    }
  }

  /**
   * Never rejects. A result that cannot be written down is as if the server had died (`heartbeatSeconds`). A job that takes
   * longer than it may gives up its place; PostgreSQL has counted it as failed by then.
   */
  async function run(job: JobWithMetadata<Data>): Promise<void> {
    const { promise: tooLate, resolve } = Promise.withResolvers<false>()
    const expiry = setTimeout(() => resolve(false), job.expireInSeconds * 1_000)
    const isDone = await Promise.race([work(job), tooLate])
    clearTimeout(expiry)
    await say(isDone ? boss.complete(name, job) : boss.fail(name, job))
  }

  const signing = setInterval(() => {
    if (running.size > 0) void say(boss.touch(name, [...running.keys()]))
  }, times.sign)
  let looking = look()

  return {
    async stop(within) {
      isStopping = true
      clearTimeout(timer)
      await looking
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const patience = setTimeout(resolve, within)
      await Promise.race([Promise.all(running.values()), late])
      clearTimeout(patience)
      clearInterval(signing)
      if (running.size > 0) await say(boss.fail(name, [...running.keys()]))
    },
  }
}
