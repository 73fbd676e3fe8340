import { repeat } from '../repeat.ts'

/** Pauses before a write is retried, milliseconds; the database has some 20 seconds to come back. */
const pauses: readonly number[] = [50, 200, 500, 1_000, 2_000, 4_000, 6_000, 6_000]

/**
 * Writes what must not be lost: a code works only once, so wait while the database is briefly away.
 * @param write may run twice: a commit whose answer was lost is repeated
 * @param isPassing whether an error is a transient database error
 */
export async function persist<Result>(
  write: () => Promise<Result>,
  isPassing: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<Result> {
  return repeat(write, pauses, isPassing, { signal })
}
