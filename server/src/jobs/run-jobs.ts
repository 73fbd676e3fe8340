import type { Logger } from 'pino'
import type { JobQueue } from '../store/job-queue.ts'
import type { JobData } from '../store/jobs.ts'
import type { Workload } from '../store/take-jobs.ts'

/** What each kind of job runs: a use case, or the sweep. */
export interface JobUseCases {
  watchAttempt: (attempt: { id: string; accountId: string }) => Promise<void>
  refreshKeys: (integrationId: string) => Promise<unknown>
  settleSecret: (settling: JobData<'settle-secret'>, tries: number) => Promise<void>
  revokeVersion: (version: JobData<'revoke-version'>) => Promise<void>
  releaseGrant: (attempt: { id: string; accountId: string; secretArn?: string }) => Promise<void>
  sweep: () => Promise<object>
}

/**
 * The limits of one server. Jobs that write to Secrets Manager stay far below its quota of 50 writes a second, even
 * when an outage has made everything due at once (F102; docs/scaling.md for several servers). `atOnce` exceeds
 * `perSecond`, so slow jobs do not hold up others (T7).
 */
const workloads = {
  watch: { atOnce: 50, perSecond: 50 },
  refresh: { atOnce: 20, perSecond: 5 },
  settle: { atOnce: 20, perSecond: 5 },
  revoke: { atOnce: 10, perSecond: 3 },
  release: { atOnce: 10, perSecond: 3 },
  sweep: { atOnce: 1, perSecond: 1 },
} as const satisfies Record<string, Workload>

/** Starts taking this server's share of the jobs. */
export async function runJobs(queue: JobQueue, useCases: JobUseCases, log: Logger): Promise<void> {
  await queue.start()
  queue.work(
    'watch-attempt',
    ({ attemptId, accountId }) => useCases.watchAttempt({ id: attemptId, accountId }),
    workloads.watch,
  )
  queue.work(
    'refresh-keys',
    async ({ integrationId }) => void (await useCases.refreshKeys(integrationId)),
    workloads.refresh,
  )
  queue.work('settle-secret', (settling, tries) => useCases.settleSecret(settling, tries), workloads.settle)
  queue.work('revoke-version', (version) => useCases.revokeVersion(version), workloads.revoke)
  queue.work(
    'release-grant',
    ({ attemptId, ...kept }) => useCases.releaseGrant({ id: attemptId, ...kept }),
    workloads.release,
  )
  queue.work('sweep', async () => log.debug(await useCases.sweep(), 'swept'), workloads.sweep)
  await queue.everyMinute('sweep')
}
