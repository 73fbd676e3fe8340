/**
 * What Prisma cannot say of attempts: one statement that takes a row only in the right state, by the
 * database's own clock, and writes its audit event with it.
 */
import { Prisma, type AttemptStatus, type CallbackAnswer, type PrismaClient } from '@pms/prisma/client'
import type { ConnectionErrorCode } from '@pms/shared/errors'

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

type Database = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>

/**
 * Seconds after the callback in which an attempt has to end. A worker that has not ended it by then is
 * dead: the attempt counts as interrupted, and nothing that worker still does can change it.
 */
export const workSeconds = 120

const alive = Prisma.sql`"claimedAt" > now() - make_interval(secs => ${workSeconds})`
const inProgress = Prisma.sql`status IN ('CODE_RECEIVED', 'KEYS_RECEIVED', 'STORING')`

const auditEvent = { CODE_RECEIVED: 'AUTHORIZED', CANCELLED: 'DENIED', FAILED: 'FAILED' } as const

/** What ends with the callback is answered with it; the others are answered when it is known. */
const answerOf = { CODE_RECEIVED: null, CANCELLED: 'DENIED', FAILED: 'FAILED' } as const

export function take(db: Database, key: AttemptKey & { requestId: string }, change: Return) {
  const errorCode = 'errorCode' in change ? change.errorCode : null
  const finished = change.to === 'CODE_RECEIVED' ? Prisma.sql`NULL` : Prisma.sql`now()`
  return db.$queryRaw<{ id: string; claimedAt: Date }[]>`
    WITH taken AS (
      UPDATE pms_connection_attempts
      SET status = ${change.to}::"AttemptStatus", "errorCode" = ${errorCode}, "claimedAt" = now(), "finishedAt" = ${finished},
        answer = ${answerOf[change.to]}::"CallbackAnswer"
      WHERE "nonceHash" = ${key.nonceHash} AND "browserHash" = ${key.browserHash}
        AND "accountId" = ${key.accountId}::uuid AND provider = 'SIKKA'
        AND status = 'CREATED' AND "expiresAt" > now()
      RETURNING id, "accountId", "claimedAt"
    ), audited AS (
      INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
      SELECT ${auditEvent[change.to]}::"AuditEvent", "accountId", id, ${errorCode}, ${key.requestId} FROM taken
    )
    SELECT id, "claimedAt" FROM taken`
}

export function find(db: Database, nonceHash: Uint8Array) {
  return db.$queryRaw<AttemptRow[]>`
    SELECT id, "accountId", "browserHash", status, answer, "expiresAt" <= now() AS expired
    FROM pms_connection_attempts WHERE "nonceHash" = ${nonceHash}`
}

export function expire(db: Database, attemptId: string, requestId: string) {
  return db.$executeRaw`
    WITH over AS (
      UPDATE pms_connection_attempts SET status = 'EXPIRED', "errorCode" = 'EXPIRED', "finishedAt" = now()
      WHERE id = ${attemptId}::uuid AND status = 'CREATED' AND "expiresAt" <= now()
      RETURNING id, "accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
    SELECT 'EXPIRED', "accountId", id, 'EXPIRED', ${requestId} FROM over`
}

/** Once more changes nothing, so that it may be repeated when its answer was lost. */
export function recordKeys(db: Database, attemptId: string) {
  return db.$executeRaw`
    UPDATE pms_connection_attempts SET status = 'KEYS_RECEIVED'
    WHERE id = ${attemptId}::uuid AND status IN ('CODE_RECEIVED', 'KEYS_RECEIVED') AND ${alive}`
}

/** Once more changes nothing, as with `recordKeys`. */
export function startStoring(db: Database, attemptId: string, officeId: string) {
  return db.$executeRaw`
    UPDATE pms_connection_attempts SET status = 'STORING', "officeId" = ${officeId}
    WHERE id = ${attemptId}::uuid AND ${alive}
      AND (status = 'KEYS_RECEIVED' OR (status = 'STORING' AND "officeId" = ${officeId}))`
}

/** A reservation whose worker died would keep its account and office for ever. */
export function failInterruptedStoring(db: Database, accountId: string, officeId: string) {
  return db.$executeRaw`
    WITH interrupted AS (
      UPDATE pms_connection_attempts SET status = 'FAILED', "errorCode" = 'INTERRUPTED', "finishedAt" = now()
      WHERE status = 'STORING' AND provider = 'SIKKA' AND ("accountId" = ${accountId}::uuid OR "officeId" = ${officeId})
        AND NOT (${alive})
      RETURNING id, "accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code)
    SELECT 'FAILED', "accountId", id, 'INTERRUPTED' FROM interrupted`
}

/** @returns the row, when the worker still held it */
export function complete(db: Database, attemptId: string) {
  return db.$queryRaw<{ finishedAt: Date }[]>`
    UPDATE pms_connection_attempts SET status = 'COMPLETED', "finishedAt" = now()
    WHERE id = ${attemptId}::uuid AND status = 'STORING' AND ${alive}
    RETURNING "finishedAt"`
}

export function fail(db: Database, attemptId: string, errorCode: ConnectionErrorCode, requestId: string) {
  return db.$executeRaw`
    WITH failed AS (
      UPDATE pms_connection_attempts SET status = 'FAILED', "errorCode" = ${errorCode}, "finishedAt" = now()
      WHERE id = ${attemptId}::uuid AND ${inProgress}
      RETURNING id, "accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
    SELECT 'FAILED', "accountId", id, ${errorCode}, ${requestId} FROM failed`
}

/** One event a reason: whoever holds an attempt's address must not be able to fill the audit. */
export function reject(db: Database, attempt: { id: string; accountId: string }, reason: string, requestId: string) {
  return db.$executeRaw`
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", code, "requestId")
    SELECT 'REJECTED', ${attempt.accountId}::uuid, ${attempt.id}::uuid, ${reason}, ${requestId}
    WHERE NOT EXISTS (
      SELECT FROM pms_audit_events
      WHERE "accountId" = ${attempt.accountId}::uuid AND "attemptId" = ${attempt.id}::uuid
        AND event = 'REJECTED' AND code = ${reason}
    )`
}

export function answerOnce(db: Database, attemptId: string, answer: CallbackAnswer) {
  return db.$queryRaw<{ answer: CallbackAnswer }[]>`
    UPDATE pms_connection_attempts SET answer = COALESCE(answer, ${answer}::"CallbackAnswer")
    WHERE id = ${attemptId}::uuid RETURNING answer`
}
