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
 * Fails an attempt that this worker holds, even past its deadline: a late failure is worth recording.
 * @returns false when this worker did not hold it
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

/** Fails an attempt past its deadline and grace period, whoever holds it. */
export async function failOverdue(store: Store, attemptId: string): Promise<void> {
  const which = Prisma.sql`id = ${attemptId}::uuid AND ${inProgress} AND ${isOver}`
  await endAndTidyUp(store, which, { status: 'FAILED', errorCode: 'INTERRUPTED', requestId: undefined })
}

/** Expires a choice that was not made in time. */
export async function expireChoice(store: Store, attemptId: string): Promise<void> {
  await endAndTidyUp(store, overdueChoice(attemptId), { status: 'EXPIRED', errorCode: 'EXPIRED', requestId: undefined })
}

export const overdueChoice = (attemptId: string) =>
  Prisma.sql`id = ${attemptId}::uuid AND status = 'CHOOSING' AND "deadline" <= ${now}`

/** Seconds: a decline means REPLACED if a newer attempt was started within this time. */
const justStarted = 30

/**
 * Declines a choice: DECLINED, or REPLACED when the user has just left for Sikka with a newer attempt, as "Start again"
 * does. Changes nothing when there is no choice left to make.
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

/** Queues the revocation of keys kept, in the secret with this ARN, for an attempt that no longer needs them. */
export async function releaseGrant(
  { db, jobs }: Store,
  { id, accountId }: AttemptId,
  secretArn: string | undefined,
): Promise<void> {
  const data = { attemptId: id, accountId, ...(secretArn === undefined ? {} : { secretArn }) }
  await db.$transaction(async (tx) => jobs.send(tx, { name: 'release-grant', data }))
}
