/**
 * The steps of a claimed attempt. Each is one statement that changes the row only while this worker holds it: the lease
 * says until when, the token says who holds it. A takeover increments the token, so that nothing the former holder
 * still does has an effect (F85). A step that returns false or undefined changed nothing: this worker no longer holds
 * the attempt.
 */
import type { AttemptStatus } from '@pms/prisma/client'
import {
  attemptOver,
  inProgress,
  isHeldBy,
  isOver,
  leaseEnd,
  newLease,
  now,
  watchJob,
  type AttemptId,
  type Held,
} from './attempt-sql.ts'
import { readChoices, type Choices } from './choices.ts'
import type { Statements, Store } from './store.ts'

export async function renewLease({ db }: Statements, attempt: Held): Promise<boolean> {
  const renewed = await db.$executeRaw`
    UPDATE pms_connection_attempts SET "leaseUntil" = ${newLease} WHERE ${isHeldBy(attempt)} AND ${inProgress}`
  return renewed === 1
}

/** Ends the lease and sends a job, so that another server takes over at once. */
export async function handBack({ db, jobs }: Store, attempt: Held): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const ended = await tx.$executeRaw`
      UPDATE pms_connection_attempts SET "leaseUntil" = ${now} WHERE ${isHeldBy(attempt)} AND ${inProgress}`
    if (ended !== 1) return false
    await jobs.send(tx, watchJob(attempt))
    return true
  })
}

export interface TakenOver extends Held {
  status: AttemptStatus
  officeId: string | undefined
  choices: Choices | undefined
}

/** @returns the attempt, if its former holder's lease is over */
export async function takeOver({ db }: Statements, { id, accountId }: AttemptId): Promise<TakenOver | undefined> {
  const [taken] = await db.$queryRaw<
    { leaseToken: number; status: AttemptStatus; officeId: string | null; choices: unknown }[]
  >`
    UPDATE pms_connection_attempts SET "leaseToken" = "leaseToken" + 1, "leaseUntil" = ${newLease}
    WHERE id = ${id}::uuid AND ${inProgress} AND ${leaseEnd} <= ${now} AND NOT (${isOver})
    RETURNING "leaseToken", status, "officeId", choices`
  if (!taken) return undefined
  const { leaseToken, status, officeId, choices } = taken
  return { id, accountId, leaseToken, status, officeId: officeId ?? undefined, choices: readChoices(choices) }
}

/** Committed before the code is sent, and once: so no worker sends it again. */
export async function startExchange({ db }: Statements, attempt: Held): Promise<boolean> {
  const started = await db.$executeRaw`
    UPDATE pms_connection_attempts SET status = 'EXCHANGING', "leaseUntil" = ${newLease}
    WHERE ${isHeldBy(attempt)} AND status = 'CODE_RECEIVED'`
  return started === 1
}

/** Idempotent: may be repeated if its reply was lost. @returns the database's time */
export async function recordKeys({ db }: Statements, attempt: Held): Promise<Date | undefined> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`
    UPDATE pms_connection_attempts SET status = 'KEYS_RECEIVED', "leaseUntil" = ${newLease}
    WHERE ${isHeldBy(attempt)} AND status IN ('EXCHANGING', 'KEYS_RECEIVED')
    RETURNING ${now} AS now`
  return row?.now
}

/** @returns undefined when there is no such attempt */
export async function statusOf({ db }: Statements, id: string): Promise<AttemptStatus | undefined> {
  return (await db.pmsConnectionAttempt.findUnique({ where: { id }, select: { status: true } }))?.status
}

/** @returns seconds until its next time limit may pass; undefined when it has ended or was deleted */
export async function nextLook(
  { db }: Statements,
  attemptId: string,
): Promise<{ status: AttemptStatus; seconds: number } | undefined> {
  const [look] = await db.$queryRaw<{ status: AttemptStatus; seconds: number }[]>`
    SELECT status, GREATEST(0, ceil(EXTRACT(epoch FROM (CASE
      WHEN status = 'CREATED' THEN "expiresAt"
      WHEN status = 'CHOOSING' THEN "deadline"
      ELSE LEAST(${leaseEnd}, ${attemptOver})
    END - ${now}))))::int AS seconds
    FROM pms_connection_attempts WHERE id = ${attemptId}::uuid AND "finishedAt" IS NULL`
  return look
}

/** Queues a check of the attempt after so many seconds. */
export async function watch({ db, jobs }: Store, attempt: AttemptId, after: number): Promise<void> {
  await db.$transaction(async (tx) => jobs.send(tx, watchJob(attempt), { after }))
}
