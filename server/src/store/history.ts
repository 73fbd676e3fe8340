import { AuditEvent, type PrismaClient } from '@pms/prisma/client'

/** One thing that happened to an account's connection. */
interface HistoryRow {
  id: bigint
  at: Date
  event: AuditEvent
  attemptId: string | null
  code: string | null
}

export interface HistoryStore {
  /** Newest first, from the one before `before`, where that is given. */
  read(accountId: string, before: bigint | undefined, limit: number): Promise<HistoryRow[]>
}

/** A newer version writes events that this one has no word for (F87). */
const known = { in: Object.values(AuditEvent) }

export function historyStore(db: PrismaClient): HistoryStore {
  return {
    async read(accountId, before, limit) {
      return db.pmsAuditEvent.findMany({
        where: { accountId, event: known, ...(before === undefined ? {} : { id: { lt: before } }) },
        orderBy: { id: 'desc' },
        take: limit,
        select: { id: true, at: true, event: true, attemptId: true, code: true },
      })
    },
  }
}
