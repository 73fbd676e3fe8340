/** Attempts until they are claimed, and the answer to the callback. */
import { Prisma, type AttemptStatus, type CallbackAnswer } from '@pms/prisma/client'
import { leaseSeconds, now, returnSeconds, watchAfter, watchJob, workSeconds, type AttemptId } from './attempt-sql.ts'
import type { Db, Statements, Store } from './store.ts'

/** How the browser's return from Sikka changes an attempt. */
export type Return =
  | { to: 'CODE_RECEIVED' }
  | { to: 'CANCELLED'; errorCode: 'ACCESS_DENIED' }
  | { to: 'FAILED'; errorCode: 'PROVIDER_ERROR' }

interface AttemptKey {
  accountId: string
  /** SHA-256 of the state's nonce */
  nonceHash: Uint8Array<ArrayBuffer>
  /** SHA-256 of the starting browser's cookie */
  browserHash: Uint8Array<ArrayBuffer>
}

export async function create(
  { db, jobs }: Store,
  { id, accountId, nonceHash, browserHash, requestId }: AttemptKey & { id: string; requestId: string },
): Promise<{ id: string; createdAt: Date; expiresAt: Date }> {
  return db.$transaction(async (tx) => {
    const [attempt] = await tx.$queryRaw<{ id: string; createdAt: Date; expiresAt: Date }[]>`
      WITH started AS (
        INSERT INTO pms_connection_attempts (id, "accountId", provider, "nonceHash", "browserHash")
        VALUES (${id}::uuid, ${accountId}::uuid, 'SIKKA', ${nonceHash}, ${browserHash})
        RETURNING id, "createdAt", "expiresAt"
      ), audited AS (
        INSERT INTO pms_audit_events (event, "accountId", "attemptId", "requestId")
        SELECT 'STARTED', ${accountId}::uuid, id, ${requestId} FROM started
      )
      SELECT * FROM started`
    if (!attempt) throw new Error('The attempt was not written')
    await jobs.send(tx, watchJob({ id, accountId }), { after: returnSeconds })
    return attempt
  })
}

const auditEvent = { CODE_RECEIVED: 'AUTHORIZED', CANCELLED: 'DENIED', FAILED: 'FAILED' } as const

/** An attempt that the callback ends is answered with it; the others once the answer is known. */
const answerOf = { CODE_RECEIVED: null, CANCELLED: 'DENIED', FAILED: 'FAILED' } as const

/**
 * Claims the attempt for the browser that returns its state, once: of many concurrent callbacks one gets it. The status
 * is compared as text to keep PostgreSQL from using its index instead of the nonce's right after many starts, which its
 * statistics do not include yet (F70).
 * @returns undefined when the attempt is unknown, another browser's, over, or already claimed
 */
export async function take(
  { db, jobs }: Store,
  { accountId, nonceHash, browserHash, requestId }: AttemptKey & { requestId: string },
  change: Return,
): Promise<{ id: string; leaseToken: number } | undefined> {
  const errorCode = 'errorCode' in change ? change.errorCode : null
  const isWorked = change.to === 'CODE_RECEIVED'
  return db.$transaction(async (tx) => {
    const [taken] = await tx.$queryRaw<{ id: string; leaseToken: number }[]>`
      WITH taken AS (
        UPDATE pms_connection_attempts
        SET status = ${change.to}::"AttemptStatus", "errorCode" = ${errorCode}, "claimedAt" = ${now},
          "deadline" = CASE WHEN ${isWorked} THEN ${now} + make_interval(secs => ${workSeconds}) END,
          "leaseUntil" = CASE WHEN ${isWorked} THEN ${now} + make_interval(secs => ${leaseSeconds}) END,
          "leaseToken" = "leaseToken" + 1,
          "finishedAt" = CASE WHEN ${isWorked} THEN NULL ELSE ${now} END,
          answer = ${answerOf[change.to]}::"CallbackAnswer"
        WHERE "nonceHash" = ${nonceHash} AND "browserHash" = ${browserHash}
          AND "accountId" = ${accountId}::uuid AND provider = 'SIKKA'
          AND status::text = 'CREATED' AND "expiresAt" > ${now}
        RETURNING id, "accountId", "leaseToken"
      ), audited AS (
        INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
        SELECT ${auditEvent[change.to]}::"AuditEvent", "accountId", id, ${errorCode}, ${requestId} FROM taken
      )
      SELECT id, "leaseToken" FROM taken`
    if (taken && isWorked) await jobs.send(tx, watchJob({ id: taken.id, accountId }), { after: watchAfter })
    return taken
  })
}

interface FoundAttempt extends AttemptId {
  browserHash: Uint8Array
  status: AttemptStatus
  answer: CallbackAnswer | null
  /** its ten minutes are over, by the database's clock */
  expired: boolean
}

export async function find({ db }: Statements, nonceHash: Uint8Array<ArrayBuffer>): Promise<FoundAttempt | undefined> {
  const [attempt] = await db.$queryRaw<FoundAttempt[]>`
    SELECT id, "accountId", "browserHash", status, answer, "expiresAt" <= ${now} AS expired
    FROM pms_connection_attempts WHERE "nonceHash" = ${nonceHash}`
  return attempt
}

/** Expires an attempt whose browser returned too late. */
export async function expire({ db }: Statements, attemptId: string, requestId: string | undefined): Promise<void> {
  await expireThose(db, Prisma.sql`id = ${attemptId}::uuid AND status = 'CREATED' AND "expiresAt" <= ${now}`, requestId)
}

/** Expires some attempts whose browser has not returned in time. @returns how many */
export async function expireSome({ db }: Statements): Promise<number> {
  return expireThose(db, Prisma.sql`status = 'CREATED' AND "expiresAt" <= ${now} LIMIT 1000`, undefined)
}

/**
 * Finds and locks the rows first, on their own: a join with the LIMIT inside reruns for each attempt, for minutes, when
 * the statistics do not include many new rows yet (F70).
 */
async function expireThose(db: Db, which: Prisma.Sql, requestId: string | undefined): Promise<number> {
  return db.$executeRaw`
    WITH late AS (
      SELECT id FROM pms_connection_attempts WHERE ${which} FOR UPDATE SKIP LOCKED
    ), over AS (
      UPDATE pms_connection_attempts a SET status = 'EXPIRED', "errorCode" = 'EXPIRED', "finishedAt" = ${now}
      FROM late WHERE a.id = late.id
      RETURNING a.id, a."accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
    SELECT 'EXPIRED', "accountId", id, 'EXPIRED', ${requestId ?? null} FROM over`
}

/**
 * Records a refused callback of an existing attempt, once per reason: a client that knows an attempt's URL must not be
 * able to fill the audit.
 */
export async function reject({ db }: Statements, attempt: AttemptId, reason: string, requestId: string): Promise<void> {
  await db.$executeRaw`
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
    SELECT 'REJECTED', ${attempt.accountId}::uuid, ${attempt.id}::uuid, ${reason}, ${requestId}
    WHERE NOT EXISTS (
      SELECT FROM pms_audit_events
      WHERE "accountId" = ${attempt.accountId}::uuid AND "attemptId" = ${attempt.id}::uuid
        AND event = 'REJECTED' AND code = ${reason}
    )`
}

/** Keeps the first answer given to the callback. @returns that first answer */
export async function answerOnce(
  { db }: Statements,
  attemptId: string,
  answer: CallbackAnswer,
): Promise<CallbackAnswer> {
  const [row] = await db.$queryRaw<{ answer: CallbackAnswer }[]>`
    UPDATE pms_connection_attempts SET answer = COALESCE(answer, ${answer}::"CallbackAnswer")
    WHERE id = ${attemptId}::uuid RETURNING answer`
  return row?.answer ?? answer
}

/** Deletes a batch, so that no sweep takes long; the next one continues. @returns how many */
export async function deleteOld({ db }: Statements, days: number): Promise<number> {
  return db.$executeRaw`
    DELETE FROM pms_connection_attempts WHERE id IN (
      SELECT id FROM pms_connection_attempts
      WHERE status IN ('COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED') AND "createdAt" < ${now} - make_interval(days => ${days})
      LIMIT 5000)`
}
