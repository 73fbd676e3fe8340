import type { PrismaClient } from '@pms/prisma/client'
import type { JobSender } from './job-queue.ts'
import * as attempts from './sql/attempts.ts'
import { overdueRefreshes, planRefreshes } from './sql/integrations.ts'
import { unwatched } from './sql/work.ts'

/** Days that attempts which have ended are kept; the audit keeps what happened. */
const keepDays = 30

/** What no job looks after: because it was lost, or an older version has sent none. */
export interface SweepStore {
  /**
   * @returns how much was found, by kind
   * @throws AggregateError with what failed, once all the others are done: none of them waits for it to be mended
   */
  sweep(): Promise<Record<Kind, number>>
}

type Kind = 'expired' | 'unwatched' | 'overdue' | 'planned' | 'abandoned' | 'deleted'

export function sweepStore(db: PrismaClient, jobs: JobSender): SweepStore {
  const kinds: Record<Kind, () => Promise<number>> = {
    expired: () => attempts.expire(db, undefined, undefined),
    async unwatched() {
      const open = await unwatched(db)
      await db.$transaction(async (tx) => {
        for (const { id, accountId } of open) {
          await jobs.send(tx, { name: 'watch-attempt', data: { attemptId: id, accountId } })
        }
      })
      return open.length
    },
    async overdue() {
      const rows = await overdueRefreshes(db)
      await db.$transaction(async (tx) => {
        for (const { id } of rows) await jobs.sendOnce(tx, { name: 'refresh-keys', data: { integrationId: id } }, id)
      })
      return rows.length
    },
    planned: () =>
      db.$transaction(async (tx) => {
        const rows = await planRefreshes(tx)
        for (const { id, refreshIn } of rows) {
          await jobs.send(tx, { name: 'refresh-keys', data: { integrationId: id } }, { after: refreshIn })
        }
        return rows.length
      }),
    abandoned: () =>
      db.$transaction(async (tx) => {
        const rows = await tx.pmsAbandonedSecret.findMany({ take: 100, orderBy: { id: 'asc' } })
        for (const { accountId, attemptId } of rows) {
          await jobs.send(tx, { name: 'settle-secret', data: { accountId } })
          if (attemptId) await jobs.send(tx, { name: 'release-grant', data: { attemptId, accountId } })
        }
        await tx.pmsAbandonedSecret.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } })
        return rows.length
      }),
    deleted: () => attempts.deleteOld(db, keepDays),
  }

  return {
    async sweep() {
      const found = { expired: 0, unwatched: 0, overdue: 0, planned: 0, abandoned: 0, deleted: 0 }
      const failures: unknown[] = []
      for (const [kind, look] of Object.entries(kinds) as [Kind, () => Promise<number>][]) {
        try {
          found[kind] = await look()
        } catch (error) {
          failures.push(new Error(`The sweep of what is ${kind} failed`, { cause: error }))
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'A part of the sweep failed')
      return found
    },
  }
}
