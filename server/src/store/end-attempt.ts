/** How an attempt ends without a connection: it fails, is declined, or runs out of time. */
import { Prisma } from '@pms/prisma/client'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { inProgress, isOver, now, type AttemptId, type Held } from './attempt-sql.ts'
import { end, tidyUp, type Ended } from './ended-attempts.ts'
import type { Store } from './store.ts'

type Ending = Parameters<typeof end>[2]

async function endAndTidyUp({ db, jobs }: Store, which: Prisma.Sql, to: Ending): Promise<Ended[]> {
  return db.$transaction(async (tx) => {
    const ended = await end(tx, which, to)
    await tidyUp(tx, jobs, ended)
    return ended
  })
}

/**
 * By whoever holds it, also past its deadline: a failure is worth writing down late.
 * @returns false when it was not this worker's to end
 */
export async function fail(
  store: Store,
  { id, leaseToken }: Held,
  errorCode: ConnectionErrorCode,
  requestId: string | undefined,
): Promise<boolean> {
  const which = Prisma.sql`id = ${id}::uuid AND "leaseToken" = ${leaseToken} AND ${inProgress}`
  return (await endAndTidyUp(store, which, { status: 'FAILED', errorCode, requestId })).length === 1
}

/** Past every time, whoever holds it. */
export async function failOverdue(store: Store, attemptId: string): Promise<void> {
  const which = Prisma.sql`id = ${attemptId}::uuid AND ${inProgress} AND ${isOver}`
  await endAndTidyUp(store, which, { status: 'FAILED', errorCode: 'INTERRUPTED', requestId: undefined })
}

/** A choice that nobody has made in time. */
export async function expireChoice(store: Store, attemptId: string): Promise<void> {
  await endAndTidyUp(store, overdueChoice(attemptId), { status: 'EXPIRED', errorCode: 'EXPIRED', requestId: undefined })
}

export const overdueChoice = (attemptId: string) =>
  Prisma.sql`id = ${attemptId}::uuid AND status = 'CHOOSING' AND "deadline" <= ${now}`

/** Seconds within which a newer attempt has to have been started for a no to mean that it takes this one's place. */
const justStarted = 30

/**
 * A choice that the user says no to: DECLINED, or REPLACED when the same user has just left for Sikka with a newer
 * attempt, as "Start again" does. Changes nothing when there is no choice to make any more.
 */
export async function decline(store: Store, { id, accountId }: AttemptId, requestId: string): Promise<void> {
  const which = Prisma.sql`id = ${id}::uuid AND "accountId" = ${accountId}::uuid
    AND status = 'CHOOSING' AND "deadline" > ${now}`
  const errorCode = Prisma.sql`CASE WHEN EXISTS (
      SELECT FROM pms_connection_attempts newer
      WHERE newer."accountId" = ${accountId}::uuid AND newer.status = 'CREATED'
        AND newer."createdAt" > ${now} - make_interval(secs => ${justStarted})
    ) THEN 'REPLACED' ELSE 'DECLINED' END`
  await endAndTidyUp(store, which, { status: 'CANCELLED', errorCode, requestId })
}

/** Has keys revoked that are kept, in the secret with this ARN, for an attempt which needs them no more. */
export async function releaseGrant(
  { db, jobs }: Store,
  { id, accountId }: AttemptId,
  secretArn: string | undefined,
): Promise<void> {
  const data = { attemptId: id, accountId, ...(secretArn === undefined ? {} : { secretArn }) }
  await db.$transaction(async (tx) => jobs.send(tx, { name: 'release-grant', data }))
}
