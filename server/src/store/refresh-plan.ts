/** When keys are refreshed. */
import { Prisma } from '@pms/prisma/client'
import { now } from './attempt-sql.ts'
import type { JobSender } from './job-queue.ts'

/** Shortest time before a refresh, seconds: short-lived keys must not cause an endless loop. */
const shortestPause = 30

/**
 * When to refresh keys that expire at `expiresAt`: at a random 75 to 85 % of what is left, so that practices connected
 * together are not refreshed together (F102).
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
