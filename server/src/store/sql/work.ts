/**
 * The steps of a claimed attempt, each one statement that changes the row only while this worker holds it:
 * a lease says until when, a token which holder. Whoever takes over counts the token up, so that nothing the
 * former holder still does has an effect (F85).
 */
import { Prisma, type AttemptStatus, type IntegrationStatus } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { now } from './now.ts'

/** A worker that is alive renews its lease long before it is over; seconds. */
export const leaseSeconds = 10

/** Seconds in which the work has to be done, from the callback or from the choice; then the page stops waiting. */
export const workSeconds = 60

/** And after which it is over for everybody: the last steps may take so much longer. */
const graceSeconds = 10

/** When a claimed attempt is looked at, and once more past its deadline, should the server die that does it; seconds. */
export const watchAfter = [leaseSeconds, workSeconds + leaseSeconds] as const

/** Seconds in which a choice has to be made. */
export const choiceSeconds = 600

/** An attempt, in the hands of whoever has this token. */
export interface Held {
  id: string
  leaseToken: number
}

/** Rows of an older version have neither deadline nor lease: they had 120 seconds for everything (F87). */
const deadline = Prisma.sql`COALESCE("deadline", "claimedAt" + interval '120 seconds')`
export const leaseEnd = Prisma.sql`COALESCE("leaseUntil", "claimedAt" + interval '120 seconds')`

/** From then on nothing that anybody does to an attempt in progress has an effect, but ending it. */
export const attemptOver = Prisma.sql`${deadline} + make_interval(secs => ${graceSeconds})`
const isOver = Prisma.sql`${attemptOver} <= ${now}`
const lease = Prisma.sql`${now} + make_interval(secs => ${leaseSeconds})`
export const inProgress = Prisma.sql`status IN ('CODE_RECEIVED', 'EXCHANGING', 'KEYS_RECEIVED', 'STORING')`

const held = ({ id, leaseToken }: Held) =>
  Prisma.sql`id = ${id}::uuid AND "leaseToken" = ${leaseToken} AND NOT (${isOver})`

export function renewLease(db: Statements, attempt: Held) {
  return db.$executeRaw`
    UPDATE pms_connection_attempts SET "leaseUntil" = ${lease} WHERE ${held(attempt)} AND ${inProgress}`
}

export function endLease(db: Statements, attempt: Held) {
  return db.$executeRaw`
    UPDATE pms_connection_attempts SET "leaseUntil" = ${now} WHERE ${held(attempt)} AND ${inProgress}`
}

export interface TakenOver extends Held {
  status: AttemptStatus
  officeId: string | null
}

/** @returns the attempt, when the lease of whoever held it is over */
export function takeOver(db: Statements, attemptId: string) {
  return db.$queryRaw<TakenOver[]>`
    UPDATE pms_connection_attempts SET "leaseToken" = "leaseToken" + 1, "leaseUntil" = ${lease}
    WHERE id = ${attemptId}::uuid AND ${inProgress} AND ${leaseEnd} <= ${now} AND NOT (${isOver})
    RETURNING id, "leaseToken", status, "officeId"`
}

/** Committed before the code is sent, and once: so nobody sends it again. */
export function startExchange(db: Statements, attempt: Held) {
  return db.$executeRaw`
    UPDATE pms_connection_attempts SET status = 'EXCHANGING', "leaseUntil" = ${lease}
    WHERE ${held(attempt)} AND status = 'CODE_RECEIVED'`
}

/** Once more changes nothing, so that it may be repeated when its answer was lost. @returns the database's time */
export function recordKeys(db: Statements, attempt: Held) {
  return db.$queryRaw<{ now: Date }[]>`
    UPDATE pms_connection_attempts SET status = 'KEYS_RECEIVED', "leaseUntil" = ${lease}
    WHERE ${held(attempt)} AND status IN ('EXCHANGING', 'KEYS_RECEIVED')
    RETURNING ${now} AS now`
}

/** Nobody works on it until the user has chosen. Once more changes little, as with `recordKeys`. */
export function offerChoices(db: Statements, attempt: Held, choices: object, grantArn: string) {
  return db.$executeRaw`
    UPDATE pms_connection_attempts
    SET status = 'CHOOSING', choices = ${JSON.stringify(choices)}::jsonb, "grantArn" = ${grantArn}, "leaseUntil" = NULL,
      "deadline" = ${now} + make_interval(secs => ${choiceSeconds})
    WHERE ${held(attempt)} AND status IN ('KEYS_RECEIVED', 'CHOOSING')`
}

/** @returns the attempt, taken by whoever made the choice */
export function choose(db: Statements, attempt: { id: string; accountId: string }, officeId: string) {
  return db.$queryRaw<Held[]>`
    UPDATE pms_connection_attempts
    SET status = 'KEYS_RECEIVED', "officeId" = ${officeId}, "leaseToken" = "leaseToken" + 1, "leaseUntil" = ${lease},
      "deadline" = ${now} + make_interval(secs => ${workSeconds})
    WHERE id = ${attempt.id}::uuid AND "accountId" = ${attempt.accountId}::uuid AND status = 'CHOOSING' AND "deadline" > ${now}
    RETURNING id, "leaseToken"`
}

/** Once more changes nothing, as with `recordKeys`. */
export function startStoring(db: Statements, attempt: Held, officeId: string) {
  return db.$executeRaw`
    UPDATE pms_connection_attempts SET status = 'STORING', "officeId" = ${officeId}, "leaseUntil" = ${lease}
    WHERE ${held(attempt)} AND (status = 'KEYS_RECEIVED' OR (status = 'STORING' AND "officeId" = ${officeId}))`
}

/** Whoever has this office in use, and what this account has, or had. */
export function holders(db: Statements, accountId: string, officeId: string) {
  return db.$queryRaw<{ accountId: string; officeId: string; status: IntegrationStatus; metadata: unknown }[]>`
    SELECT "accountId", "officeId", status, metadata FROM pms_integrations
    WHERE provider = 'SIKKA' AND ("officeId" = ${officeId} AND status = 'ACTIVE' AND "accountId" <> ${accountId}::uuid
      OR "accountId" = ${accountId}::uuid)`
}

/** @returns a row when one of these offices is, or ever was, another account's */
export function foreignOffice(db: Statements, accountId: string, officeIds: readonly string[]) {
  return db.$queryRaw<unknown[]>`
    SELECT 1 FROM pms_office_owners
    WHERE provider = 'SIKKA' AND "accountId" <> ${accountId}::uuid AND "officeKey" IN (
      SELECT pms_office_key(value) FROM json_array_elements_text(${JSON.stringify(officeIds)}::json))
    LIMIT 1`
}

/**
 * Part of a statement: a row with whether the user had to choose, and none when the worker held it no more. What the
 * callback is answered then, unless it has been (`answerOnce`), is known here.
 */
export const completion = (attempt: Held) => Prisma.sql`
  UPDATE pms_connection_attempts
  SET status = 'COMPLETED', "finishedAt" = ${now}, "leaseUntil" = NULL, answer = COALESCE(answer, 'CONNECTING')
  WHERE ${held(attempt)} AND status = 'STORING'
  RETURNING choices IS NOT NULL AS chose`

/** How an attempt ends without a connection, with its one last audit event. @returns the status it had, if it ended now */
function end(
  db: Statements,
  which: Prisma.Sql,
  to: {
    status: 'FAILED' | 'CANCELLED' | 'EXPIRED'
    /** or an SQL expression that is one */
    errorCode: ConnectionErrorCode | Prisma.Sql
    requestId: string | undefined
  },
) {
  return db.$queryRaw<{ id: string; accountId: string; was: AttemptStatus; chose: boolean }[]>`
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

/** By whoever holds it, also past its deadline: a failure is worth writing down late. */
export function fail(db: Statements, attempt: Held, errorCode: ConnectionErrorCode, requestId: string | undefined) {
  const which = Prisma.sql`id = ${attempt.id}::uuid AND "leaseToken" = ${attempt.leaseToken} AND ${inProgress}`
  return end(db, which, { status: 'FAILED', errorCode, requestId })
}

/** Past every time, whoever holds it. */
export function failOverdue(db: Statements, attemptId: string) {
  const which = Prisma.sql`id = ${attemptId}::uuid AND ${inProgress} AND ${isOver}`
  return end(db, which, { status: 'FAILED', errorCode: 'INTERRUPTED', requestId: undefined })
}

/** A choice that nobody has made in time. */
export function expireChoice(db: Statements, attemptId: string) {
  const which = Prisma.sql`id = ${attemptId}::uuid AND status = 'CHOOSING' AND "deadline" <= ${now}`
  return end(db, which, { status: 'EXPIRED', errorCode: 'EXPIRED', requestId: undefined })
}

/** Seconds within which a newer attempt has to have been started for a no to mean that it takes this one's place. */
const justStarted = 30

/**
 * A choice that the user says no to: DECLINED, or REPLACED when the same user has just left for Sikka with a newer
 * attempt, as "Start again" does.
 */
export function declineChoice(db: Statements, attempt: { id: string; accountId: string }, requestId: string) {
  const which = Prisma.sql`id = ${attempt.id}::uuid AND "accountId" = ${attempt.accountId}::uuid
    AND status = 'CHOOSING' AND "deadline" > ${now}`
  const errorCode = Prisma.sql`CASE WHEN EXISTS (
      SELECT FROM pms_connection_attempts newer
      WHERE newer."accountId" = ${attempt.accountId}::uuid AND newer.status = 'CREATED'
        AND newer."createdAt" > ${now} - make_interval(secs => ${justStarted})
    ) THEN 'REPLACED' ELSE 'DECLINED' END`
  return end(db, which, { status: 'CANCELLED', errorCode, requestId })
}

/** All that an account has under way, when it disconnects. */
export function cancelAll(db: Statements, accountId: string, requestId: string) {
  const which = Prisma.sql`"accountId" = ${accountId}::uuid AND (${inProgress} OR status = 'CHOOSING')`
  return end(db, which, { status: 'CANCELLED', errorCode: 'DISCONNECTED', requestId })
}

/** What is to be looked at next, and when: seconds from now; no row when it is over or gone. */
export function nextLook(db: Statements, attemptId: string) {
  return db.$queryRaw<{ status: AttemptStatus; seconds: number }[]>`
    SELECT status, GREATEST(0, ceil(EXTRACT(epoch FROM (CASE
      WHEN status = 'CREATED' THEN "expiresAt"
      WHEN status = 'CHOOSING' THEN "deadline"
      ELSE LEAST(${leaseEnd}, ${attemptOver})
    END - ${now}))))::int AS seconds
    FROM pms_connection_attempts WHERE id = ${attemptId}::uuid AND "finishedAt" IS NULL`
}
