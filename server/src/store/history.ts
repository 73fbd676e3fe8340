import { AuditEvent } from '@pms/prisma/client'
import type { Db } from './store.ts'

/** One thing that happened to an account's connection. */
interface HistoryRow {
  id: bigint
  at: Date
  event: AuditEvent
  attemptId: string | null
  code: string | null
}

export type ReadHistory = (accountId: string, before: bigint | undefined, limit: number) => Promise<HistoryRow[]>

/** A newer version writes events unknown to this one (F87). */
const known = { in: Object.values(AuditEvent) }

/** Newest first; only those before `before`, if given. */
export function historyIn(db: Db): ReadHistory {
  return async (accountId, before, limit) =>
    db.pmsAuditEvent.findMany({
      where: { accountId, event: known, ...(before === undefined ? {} : { id: { lt: before } }) },
      orderBy: { id: 'desc' },
      take: limit,
      select: { id: true, at: true, event: true, attemptId: true, code: true },
    })
}
