import type { Logger } from 'pino'
import type { JobQueue, Workers } from '../store/job-queue.ts'
import type { JobData } from '../store/jobs.ts'

/** What the jobs do, each a use case or a look at what nobody has looked after. */
export interface JobUseCases {
  watchAttempt: (attempt: { id: string; accountId: string }) => Promise<void>
  refreshKeys: (integrationId: string) => Promise<unknown>
  settleSecret: (settling: JobData<'settle-secret'>, tries: number) => Promise<void>
  revokeVersion: (version: JobData<'revoke-version'>) => Promise<void>
  releaseGrant: (attempt: { id: string; accountId: string; secretArn?: string }) => Promise<void>
  sweep: () => Promise<object>
}

/**
 * What one server takes of a kind, once a second: what writes to Secrets Manager stays far below its 50 writes a
 * second, also when a long outage has made everything due at once (F102). Each worker takes its next job when it has
 * done those that it took, so one that takes long holds up no other worker's (T7).
 */
const workers = {
  watch: { workers: 5, jobs: 10 },
  refresh: { workers: 5, jobs: 1 },
  settle: { workers: 5, jobs: 1 },
  revoke: { workers: 3, jobs: 1 },
  release: { workers: 3, jobs: 1 },
  sweep: { workers: 1, jobs: 1 },
} as const satisfies Record<string, Workers>

/** Has this server take its part of the jobs. */
export async function runJobs(queue: JobQueue, useCases: JobUseCases, log: Logger): Promise<void> {
  await queue.start()
  await queue.work(
    'watch-attempt',
    ({ attemptId, accountId }) => useCases.watchAttempt({ id: attemptId, accountId }),
    workers.watch,
  )
  await queue.work(
    'refresh-keys',
    async ({ integrationId }) => void (await useCases.refreshKeys(integrationId)),
    workers.refresh,
  )
  await queue.work('settle-secret', (settling, tries) => useCases.settleSecret(settling, tries), workers.settle)
  await queue.work('revoke-version', (version) => useCases.revokeVersion(version), workers.revoke)
  await queue.work(
    'release-grant',
    ({ attemptId, ...kept }) => useCases.releaseGrant({ id: attemptId, ...kept }),
    workers.release,
  )
  await queue.work('sweep', async () => log.debug(await useCases.sweep(), 'swept'), workers.sweep)
  await queue.everyMinute('sweep')
}
