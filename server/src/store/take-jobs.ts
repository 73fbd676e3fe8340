import type { JobWithMetadata, PgBoss } from 'pg-boss'
import type { JobName } from './jobs.ts'

/** How much of a kind one server takes. */
export interface Workload {
  /** jobs that it works on at a time */
  atOnce: number
  /** jobs that it begins in a second */
  perSecond: number
}

/** Milliseconds between two looks for jobs, and between two signs that a job is still worked on. */
const times = { look: 1_000, sign: 4_000 } as const

export interface Taking {
  /** No further job is begun. Those that run may end, for so long (milliseconds); what has not ended by then has failed. */
  stop(within: number): Promise<void>
}

/**
 * Takes jobs of a kind once a second, as many as may run beside those that still do, and of one account one at a time, in
 * all servers together (T7). Written by hand on pg-boss's own calls: its workers ask one by one, five or three of each kind,
 * which is twenty-two statements a second for a server that has nothing to do; and a worker of several jobs has done them
 * when the slowest is done.
 * @param work never rejects; false when the job has to come again
 * @param onError hears of each look, and each result, that PostgreSQL did not take
 */
export function takeJobs<Data extends object>(
  boss: Pick<PgBoss, 'fetch' | 'touch' | 'complete' | 'fail'>,
  name: JobName,
  { atOnce, perSecond }: Workload,
  work: (job: JobWithMetadata<Data>) => Promise<boolean>,
  onError: (error: unknown) => void,
): Taking {
  const running = new Map<JobWithMetadata<Data>, Promise<void>>()
  let isStopping = false
  let timer: NodeJS.Timeout | undefined
  let looking = look()

  async function look(): Promise<void> {
    const batchSize = Math.min(perSecond, atOnce - running.size)
    try {
      const options = { batchSize, groupConcurrency: 1, includeMetadata: true } as const
      const jobs = batchSize > 0 ? await boss.fetch<Data>(name, options) : []
      for (const job of jobs) {
        running.set(
          job,
          run(job).finally(() => running.delete(job)),
        )
      }
    } catch (error) {
      onError(error)
    }
    if (!isStopping) timer = setTimeout(() => void (looking = look()), times.look)
  }

  /** Never rejects: a result that cannot be written down is as if the server had died (`heartbeatSeconds`). */
  async function run(job: JobWithMetadata<Data>): Promise<void> {
    const sign = setInterval(() => void boss.touch(name, job).catch(onError), times.sign)
    const isDone = await work(job)
    clearInterval(sign)
    await (isDone ? boss.complete(name, job) : boss.fail(name, job)).catch(onError)
  }

  return {
    async stop(within) {
      isStopping = true
      clearTimeout(timer)
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const patience = setTimeout(resolve, within)
      await Promise.race([looking.then(() => Promise.all(running.values())), late])
      clearTimeout(patience)
      if (running.size > 0) await boss.fail(name, [...running.keys()]).catch(onError)
    },
  }
}
