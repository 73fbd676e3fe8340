/** Ends attempts without a connection, and cleans up after them. */
import type { AttemptStatus, Prisma } from '@pms/prisma/client'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { now, type AttemptId } from './attempt-sql.ts'
import type { JobSender } from './job-queue.ts'

export interface Ended extends AttemptId {
  /** its status before */
  was: AttemptStatus
  /** whether the user had to choose */
  chose: boolean
}

/** Ends these attempts, each with one last audit event. @returns those that this call ended */
export async function end(
  tx: Prisma.TransactionClient,
  which: Prisma.Sql,
  to: {
    status: 'FAILED' | 'CANCELLED' | 'EXPIRED'
    /** or an SQL expression that yields one */
    errorCode: ConnectionErrorCode | Prisma.Sql
    requestId: string | undefined
  },
): Promise<Ended[]> {
  return tx.$queryRaw<Ended[]>`
    WITH before AS (
      SELECT id, status FROM pms_connection_attempts WHERE ${which} FOR UPDATE
    ), ended AS (
      UPDATE pms_connection_attempts a
      SET status = ${to.status}::"AttemptStatus", "errorCode" = ${to.errorCode}, "finishedAt" = ${now}, "leaseUntil" = NULL
      FROM before WHERE a.id = before.id
      RETURNING a.id, a."accountId", a."errorCode", before.status AS was, a.choices IS NOT NULL AS chose
    ), audited AS (
      INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
      SELECT ${to.status}::"AuditEvent", "accountId", id, "errorCode", ${to.requestId ?? null} FROM ended
    )
    SELECT id, "accountId", was, chose FROM ended`
}

/** Revokes keys that were received, and settles a secret that may have been written. */
export async function tidyUp(tx: Prisma.TransactionClient, jobs: JobSender, ended: readonly Ended[]): Promise<void> {
  // Again later: a write in progress may land after the first.
  const after = [0, 60]
  for (const { id, accountId, was, chose } of ended) {
    // Keys are kept before the choice is offered.
    if (chose || was === 'KEYS_RECEIVED')
      await jobs.send(tx, { name: 'release-grant', data: { attemptId: id, accountId } }, { after })
    if (was === 'STORING') await jobs.send(tx, { name: 'settle-secret', data: { accountId } }, { after })
  }
}
