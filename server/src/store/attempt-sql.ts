/** Parts of statements about attempts that several steps share. */
import { Prisma } from '@pms/prisma/client'

/**
 * The database's time, to the millisecond as our columns have it. They round half a millisecond up, so a time that is
 * written as `now()` lies up to 0.5 ms ahead of it: for a statement that comes sooner, a lease that was ended still held.
 * Rounded alike, what was now is never ahead of a later now.
 */
export const now = Prisma.sql`now()::timestamptz(3)`

/** Seconds in which the browser has to come back from Sikka: the column's own default. */
export const returnSeconds = 600

/** A worker that is alive renews its lease long before it is over; seconds. */
export const leaseSeconds = 10

/** Seconds in which the work has to be done, from the callback or from the choice; then the page stops waiting. */
export const workSeconds = 60

/** Seconds after that in which the last steps may still end. Then it is over for everybody. */
const graceSeconds = 10

/** When a claimed attempt is looked at, and once more past its deadline, should the server die that does it; seconds. */
export const watchAfter = [leaseSeconds, workSeconds + leaseSeconds] as const

/** Seconds in which a choice has to be made. */
export const choiceSeconds = 600

export interface AttemptId {
  id: string
  accountId: string
}

/** An attempt in the hands of one worker: the token is counted up when another takes over (F85). */
export interface Held extends AttemptId {
  leaseToken: number
}

/** Rows of an older version have neither deadline nor lease: they had 120 seconds for everything (F87). */
const deadline = Prisma.sql`COALESCE("deadline", "claimedAt" + interval '120 seconds')`
export const leaseEnd = Prisma.sql`COALESCE("leaseUntil", "claimedAt" + interval '120 seconds')`

/** From then on nothing that anybody does to an attempt in progress has an effect, but ending it. */
export const attemptOver = Prisma.sql`${deadline} + make_interval(secs => ${graceSeconds})`
export const isOver = Prisma.sql`${attemptOver} <= ${now}`
export const newLease = Prisma.sql`${now} + make_interval(secs => ${leaseSeconds})`
export const inProgress = Prisma.sql`status IN ('CODE_RECEIVED', 'EXCHANGING', 'KEYS_RECEIVED', 'STORING')`

/** True for a row that is still in this worker's hands. */
export const isHeldBy = ({ id, leaseToken }: Pick<Held, 'id' | 'leaseToken'>) =>
  Prisma.sql`id = ${id}::uuid AND "leaseToken" = ${leaseToken} AND NOT (${isOver})`

export const watchJob = ({ id, accountId }: AttemptId) =>
  ({ name: 'watch-attempt', data: { attemptId: id, accountId } }) as const
