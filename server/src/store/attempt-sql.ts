/** SQL fragments about attempts that several steps share. */
import { Prisma } from '@pms/prisma/client'

/**
 * The database's time, rounded to the millisecond like our columns. They round half a millisecond up, so a stored
 * `now()` can be 0.5 ms in the future, and a lease just ended would still hold for a statement run before then. With
 * equal rounding, a stored `now` is never ahead of a later one.
 */
export const now = Prisma.sql`now()::timestamptz(3)`

/** Seconds the browser has to return from Sikka: the column's own default. */
export const returnSeconds = 600

/** Length of a lease, seconds. A live worker renews it long before it ends. */
export const leaseSeconds = 10

/** Seconds to finish the work, from the callback or the choice; then the page stops waiting. */
export const workSeconds = 60

/** Seconds after that for the last steps to finish. Then the attempt is over for every worker. */
const graceSeconds = 10

/** When to check a claimed attempt, and again past its deadline in case the checking server dies; seconds. */
export const watchAfter = [leaseSeconds, workSeconds + leaseSeconds] as const

/** Seconds the user has to choose. */
export const choiceSeconds = 600

export interface AttemptId {
  id: string
  accountId: string
}

/** An attempt held by one worker: each takeover increments the token (F85). */
export interface Held extends AttemptId {
  leaseToken: number
}

/** Rows of an older version have neither deadline nor lease: they had 120 seconds in all (F87). */
const deadline = Prisma.sql`COALESCE("deadline", "claimedAt" + interval '120 seconds')`
export const leaseEnd = Prisma.sql`COALESCE("leaseUntil", "claimedAt" + interval '120 seconds')`

/** From then on an attempt in progress can only be ended. */
export const attemptOver = Prisma.sql`${deadline} + make_interval(secs => ${graceSeconds})`
export const isOver = Prisma.sql`${attemptOver} <= ${now}`
export const newLease = Prisma.sql`${now} + make_interval(secs => ${leaseSeconds})`
export const inProgress = Prisma.sql`status IN ('CODE_RECEIVED', 'EXCHANGING', 'KEYS_RECEIVED', 'STORING')`

/** True for a row that this worker still holds. */
export const isHeldBy = ({ id, leaseToken }: Pick<Held, 'id' | 'leaseToken'>) =>
  Prisma.sql`id = ${id}::uuid AND "leaseToken" = ${leaseToken} AND NOT (${isOver})`

export const watchJob = ({ id, accountId }: AttemptId) =>
  ({ name: 'watch-attempt', data: { attemptId: id, accountId } }) as const
