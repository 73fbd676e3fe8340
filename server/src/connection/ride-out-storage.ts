import { ConnectionFailure } from '../failure.ts'
import { repeat } from '../repeat.ts'

/**
 * Pauses before Secrets Manager is called again, milliseconds; they outlast half a minute of throttling (F52). Once
 * calls are refused for a while, retries cost nothing: retry often, and not just too early each time.
 */
const pauses: readonly number[] = [500, 1_000, 2_000, 4_000, ...Array.from({ length: 15 }, () => 2_500)]

/**
 * Retries an attempt's call of Secrets Manager: its keys are in no other place, and a code works only once.
 * @param work may run twice
 * @throws {ConnectionFailure} STORAGE_UNAVAILABLE when it takes too long; a permanent failure at once
 */
export async function rideOutStorage<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  return repeat(work, pauses, mayPass, { signal })
}

/** Outages pass. Wrong settings (CONFIG) stay wrong, and a refusal without a reason stays a refusal. */
function mayPass(error: unknown): boolean {
  return error instanceof ConnectionFailure && error.code === 'STORAGE_UNAVAILABLE' && error.reason !== undefined
}
