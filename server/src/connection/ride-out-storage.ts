import { ConnectionFailure } from '../failure.ts'
import { repeat } from '../repeat.ts'

/**
 * Pauses before Secrets Manager is asked again, milliseconds; a throttling of half a minute is ridden out (F52). Once
 * calls are refused for a while, asking costs nothing: so it is asked often, and not just too early each time.
 */
const pauses: readonly number[] = [500, 1_000, 2_000, 4_000, ...Array.from({ length: 15 }, () => 2_500)]

/**
 * Does what an attempt needs of Secrets Manager until it can be done: its keys are in no other place, and a code is
 * spent once.
 * @param work may be done twice
 * @throws {ConnectionFailure} STORAGE_UNAVAILABLE when it takes too long; what will not pass, at once
 */
export async function rideOutStorage<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  return repeat(work, pauses, mayPass, { signal })
}

/** Secrets Manager cannot now. Wrong settings (CONFIG) stay wrong, and what is refused without a reason stays refused. */
function mayPass(error: unknown): boolean {
  return error instanceof ConnectionFailure && error.code === 'STORAGE_UNAVAILABLE' && error.reason !== undefined
}
