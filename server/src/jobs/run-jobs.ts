import type { Logger } from 'pino'
import type { JobQueue } from '../store/job-queue.ts'

/** What the jobs do, each a use case or a look at what nobody has looked after. */
export interface JobUseCases {
  watchAttempt: (attempt: { id: string; accountId: string }) => Promise<void>
  refreshKeys: (integrationId: string) => Promise<unknown>
  settleSecret: (accountId: string, tries: number) => Promise<void>
  revokeVersion: (accountId: string, versionId: string) => Promise<void>
  releaseGrant: (attempt: { id: string; accountId: string }) => Promise<void>
  sweep: () => Promise<object>
}

/**
 * How many jobs of a kind one server takes at a time, once a second: what writes to Secrets Manager stays far below
 * its 50 writes a second, also when a long outage has made everything due at once (F102).
 */
const concurrency = { watch: 50, refresh: 5, settle: 5, revoke: 2, release: 2, sweep: 1 } as const

/** Has this server take its part of the jobs. */
export async function runJobs(queue: JobQueue, useCases: JobUseCases, log: Logger): Promise<void> {
  await queue.start()
  await queue.work(
    'watch-attempt',
    ({ attemptId, accountId }) => useCases.watchAttempt({ id: attemptId, accountId }),
    concurrency.watch,
  )
  await queue.work(
    'refresh-keys',
    async ({ integrationId }) => void (await useCases.refreshKeys(integrationId)),
    concurrency.refresh,
  )
  await queue.work(
    'settle-secret',
    ({ accountId }, tries) => useCases.settleSecret(accountId, tries),
    concurrency.settle,
  )
  await queue.work(
    'revoke-version',
    ({ accountId, versionId }) => useCases.revokeVersion(accountId, versionId),
    concurrency.revoke,
  )
  await queue.work(
    'release-grant',
    ({ attemptId, accountId }) => useCases.releaseGrant({ id: attemptId, accountId }),
    concurrency.release,
  )
  await queue.work('sweep', async () => log.debug(await useCases.sweep(), 'swept'), concurrency.sweep)
  await queue.everyMinute('sweep')
}
