import { repeat } from '../repeat.ts'

/** Pauses before a write is tried again, milliseconds; the database has some 20 seconds to come back. */
const pauses: readonly number[] = [50, 200, 500, 1_000, 2_000, 4_000, 6_000, 6_000]

/**
 * Writes what must not be lost: a code is spent once, so a database that is away for a moment is waited for.
 * @param write may be done twice: a commit whose answer was lost is done again
 * @param isPassing whether an error is the database's and may pass
 */
export async function persist<Result>(
  write: () => Promise<Result>,
  isPassing: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<Result> {
  return repeat(write, pauses, isPassing, { signal })
}
