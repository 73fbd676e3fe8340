import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Does something until it works: once, and once more after each pause.
 * @param pauses milliseconds
 * @param mayPass whether a failure is one to try again after
 * @throws the last failure, or the signal's reason when it fires during a pause
 */
export async function repeat<Result>(
  work: () => Promise<Result>,
  pauses: readonly number[],
  mayPass: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<Result> {
  for (const pause of pauses) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error
      await sleep(pause, undefined, { signal })
    }
  }
  return work()
}
