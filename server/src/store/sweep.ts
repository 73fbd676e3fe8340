import type { PrismaClient } from '@pms/prisma/client'
import type { JobSender } from './job-queue.ts'
import * as attempts from './sql/attempts.ts'
import { overdueRefreshes, planRefreshes } from './sql/integrations.ts'
import { unwatched } from './sql/work.ts'

/** Days that attempts which have ended are kept; the audit keeps what happened. */
const keepDays = 30

/** What no job looks after: because it was lost, or an older version has sent none. */
export interface SweepStore {
  /** @returns how much was found, by kind */
  sweep(): Promise<{
    expired: number
    unwatched: number
    planned: number
    overdue: number
    abandoned: number
    deleted: number
  }>
}

export function sweepStore(db: PrismaClient, jobs: JobSender): SweepStore {
  return {
    async sweep() {
      const expired = await attempts.expire(db, undefined, undefined)
      const open = await unwatched(db)
      const overdue = await overdueRefreshes(db)
      await db.$transaction(async (tx) => {
        for (const { id, accountId } of open) {
          await jobs.send(tx, { name: 'watch-attempt', data: { attemptId: id, accountId } })
        }
        for (const { id } of overdue) await jobs.sendOnce(tx, { name: 'refresh-keys', data: { integrationId: id } }, id)
      })
      const planned = await db.$transaction(async (tx) => {
        const rows = await planRefreshes(tx)
        for (const { id, refreshIn } of rows) {
          await jobs.send(tx, { name: 'refresh-keys', data: { integrationId: id } }, { after: refreshIn })
        }
        return rows.length
      })
      const abandoned = await db.$transaction(async (tx) => {
        const rows = await tx.pmsAbandonedSecret.findMany({ take: 100, orderBy: { id: 'asc' } })
        for (const { accountId, attemptId } of rows) {
          await jobs.send(tx, { name: 'settle-secret', data: { accountId } })
          if (attemptId) await jobs.send(tx, { name: 'release-grant', data: { attemptId, accountId } })
        }
        await tx.pmsAbandonedSecret.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } })
        return rows.length
      })
      const deleted = await attempts.deleteOld(db, keepDays)
      return { expired, unwatched: open.length, planned, overdue: overdue.length, abandoned, deleted }
    },
  }
}
