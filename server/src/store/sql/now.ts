import { Prisma } from '@pms/prisma/client'

/**
 * The database's time, to the millisecond as our columns have it. They round half a millisecond up, so a time that is
 * written as `now()` lies up to 0.5 ms ahead of it: for a statement that comes sooner, a lease that was ended still held.
 * Rounded alike, what was now is never ahead of a later now.
 */
export const now = Prisma.sql`now()::timestamptz(3)`
