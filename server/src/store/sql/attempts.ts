/**
 * What Prisma cannot say of attempts until they are claimed: one statement that takes a row only in the
 * right state, by the database's own clock, and writes its audit event with it.
 */
import { Prisma, type AttemptStatus, type CallbackAnswer } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import type { JobParts } from '../job-queue.ts'
import { now } from './now.ts'
import { leaseSeconds, watchAfter, workSeconds } from './work.ts'

/** What the browser's return from Sikka makes of an attempt. */
export type Return =
  | { to: 'CODE_RECEIVED' }
  | { to: 'CANCELLED'; errorCode: 'ACCESS_DENIED' }
  | { to: 'FAILED'; errorCode: 'PROVIDER_ERROR' }

export interface AttemptKey {
  accountId: string
  /** SHA-256 of the state's nonce */
  nonceHash: Uint8Array<ArrayBuffer>
  /** SHA-256 of the starting browser's cookie */
  browserHash: Uint8Array<ArrayBuffer>
}

export interface AttemptRow {
  id: string
  accountId: string
  browserHash: Uint8Array
  status: AttemptStatus
  answer: CallbackAnswer | null
  /** its ten minutes are over, by the database's clock */
  expired: boolean
}

/** Seconds in which the browser has to come back: the column's own default. */
const returnSeconds = 600

export function create(db: Statements, jobs: JobParts, id: string, attempt: AttemptKey & { requestId: string }) {
  const { accountId, nonceHash, browserHash, requestId } = attempt
  return db.$queryRaw<{ createdAt: Date; expiresAt: Date }[]>`
    WITH started AS (
      INSERT INTO pms_connection_attempts (id, "accountId", provider, "nonceHash", "browserHash")
      VALUES (${id}::uuid, ${accountId}::uuid, 'SIKKA', ${nonceHash}, ${browserHash})
      RETURNING id, "accountId", "createdAt", "expiresAt"
    ), audited AS (
      INSERT INTO pms_audit_events (event, "accountId", "attemptId", "requestId")
      SELECT 'STARTED', ${accountId}::uuid, ${id}::uuid, ${requestId} FROM started
    ), watched AS (${watch(jobs, Prisma.sql`started`, [returnSeconds])})
    SELECT "createdAt", "expiresAt" FROM started`
}

/** Part of a statement: has each of these attempts looked at, after so many seconds each. */
function watch(jobs: JobParts, attempts: Prisma.Sql, after: readonly number[]): Prisma.Sql {
  const times = Prisma.join(after.map((seconds) => Prisma.sql`(${seconds}::int)`))
  const data = Prisma.sql`jsonb_build_object('attemptId', id, 'accountId', "accountId") AS data`
  return jobs.sent(
    'watch-attempt',
    Prisma.sql`SELECT ${data}, after FROM ${attempts}, (VALUES ${times}) AS times (after)`,
  )
}

const auditEvent = { CODE_RECEIVED: 'AUTHORIZED', CANCELLED: 'DENIED', FAILED: 'FAILED' } as const

/** What ends with the callback is answered with it; the others are answered when it is known. */
const answerOf = { CODE_RECEIVED: null, CANCELLED: 'DENIED', FAILED: 'FAILED' } as const

/**
 * The status is compared as text so that its index is not taken instead of the nonce's: PostgreSQL would, right after
 * many starts at once, which its statistics do not know yet (F70).
 * @returns the attempt and the lease of whoever took it; no row when it was not to be had
 */
export function take(db: Statements, jobs: JobParts, key: AttemptKey & { requestId: string }, change: Return) {
  const errorCode = 'errorCode' in change ? change.errorCode : null
  const worked = change.to === 'CODE_RECEIVED'
  const watched = worked ? Prisma.sql`, watched AS (${watch(jobs, Prisma.sql`taken`, watchAfter)})` : Prisma.empty
  return db.$queryRaw<{ id: string; leaseToken: number }[]>`
    WITH taken AS (
      UPDATE pms_connection_attempts
      SET status = ${change.to}::"AttemptStatus", "errorCode" = ${errorCode}, "claimedAt" = ${now},
        "deadline" = CASE WHEN ${worked} THEN ${now} + make_interval(secs => ${workSeconds}) END,
        "leaseUntil" = CASE WHEN ${worked} THEN ${now} + make_interval(secs => ${leaseSeconds}) END,
        "leaseToken" = "leaseToken" + 1,
        "finishedAt" = CASE WHEN ${worked} THEN NULL ELSE ${now} END,
        answer = ${answerOf[change.to]}::"CallbackAnswer"
      WHERE "nonceHash" = ${key.nonceHash} AND "browserHash" = ${key.browserHash}
        AND "accountId" = ${key.accountId}::uuid AND provider = 'SIKKA'
        AND status::text = 'CREATED' AND "expiresAt" > ${now}
      RETURNING id, "accountId", "leaseToken"
    ), audited AS (
      INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
      SELECT ${auditEvent[change.to]}::"AuditEvent", "accountId", id, ${errorCode}, ${key.requestId} FROM taken
    )${watched}
    SELECT id, "leaseToken" FROM taken`
}

export function find(db: Statements, nonceHash: Uint8Array) {
  return db.$queryRaw<AttemptRow[]>`
    SELECT id, "accountId", "browserHash", status, answer, "expiresAt" <= ${now} AS expired
    FROM pms_connection_attempts WHERE "nonceHash" = ${nonceHash}`
}

/**
 * Marks those of these attempts that nobody has brought back in time; of all there are, where none is named, some.
 * They are found and locked first, by themselves: a join with the limit inside is done anew for each attempt, for
 * minutes, when there are many of which the statistics do not know yet (F70).
 */
export function expire(db: Statements, attemptId: string | undefined, requestId: string | undefined) {
  const chosen =
    attemptId === undefined
      ? Prisma.sql`status = 'CREATED' AND "expiresAt" <= ${now} LIMIT 1000 FOR UPDATE SKIP LOCKED`
      : Prisma.sql`id = ${attemptId}::uuid AND status = 'CREATED' AND "expiresAt" <= ${now} FOR UPDATE`
  return db.$executeRaw`
    WITH late AS (
      SELECT id FROM pms_connection_attempts WHERE ${chosen}
    ), over AS (
      UPDATE pms_connection_attempts a SET status = 'EXPIRED', "errorCode" = 'EXPIRED', "finishedAt" = ${now}
      FROM late WHERE a.id = late.id
      RETURNING a.id, a."accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
    SELECT 'EXPIRED', "accountId", id, 'EXPIRED', ${requestId ?? null} FROM over`
}

/** One event a reason: whoever holds an attempt's address must not be able to fill the audit. */
export function reject(db: Statements, attempt: { id: string; accountId: string }, reason: string, requestId: string) {
  return db.$executeRaw`
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
    SELECT 'REJECTED', ${attempt.accountId}::uuid, ${attempt.id}::uuid, ${reason}, ${requestId}
    WHERE NOT EXISTS (
      SELECT FROM pms_audit_events
      WHERE "accountId" = ${attempt.accountId}::uuid AND "attemptId" = ${attempt.id}::uuid
        AND event = 'REJECTED' AND code = ${reason}
    )`
}

export function answerOnce(db: Statements, attemptId: string, answer: CallbackAnswer) {
  return db.$queryRaw<{ answer: CallbackAnswer }[]>`
    UPDATE pms_connection_attempts SET answer = COALESCE(answer, ${answer}::"CallbackAnswer")
    WHERE id = ${attemptId}::uuid RETURNING answer`
}

/** Some at a time, so that no sweep takes long; the next one goes on. */
export function deleteOld(db: Statements, days: number) {
  return db.$executeRaw`
    DELETE FROM pms_connection_attempts WHERE id IN (
      SELECT id FROM pms_connection_attempts
      WHERE status IN ('COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED') AND "createdAt" < ${now} - make_interval(days => ${days})
      LIMIT 5000)`
}
