/** When keys are refreshed. */
import { Prisma } from '@pms/prisma/client'
import { now } from './attempt-sql.ts'
import type { JobSender } from './job-queue.ts'

/** Keys are never refreshed sooner than this, seconds, so that a short life is no endless loop. */
const shortestPause = 30

/**
 * When keys that live until then are refreshed: at 75 to 85 % of what is left, anywhere between, so that practices
 * that were connected together are not refreshed together (F102).
 */
export const refreshDue = (expiresAt: Prisma.Sql) =>
  Prisma.sql`${now} + GREATEST(make_interval(secs => ${shortestPause}), (${expiresAt} - ${now}) * (0.75 + 0.1 * random()))`

export const secondsUntilDue = Prisma.sql`ceil(EXTRACT(epoch FROM "refreshDueAt" - ${now}))::int`

/** @param refreshIn seconds */
export async function planRefresh(
  tx: Prisma.TransactionClient,
  jobs: JobSender,
  { id, refreshIn }: { id: string; refreshIn: number },
): Promise<void> {
  await jobs.send(tx, { name: 'refresh-keys', data: { integrationId: id } }, { after: refreshIn })
}
