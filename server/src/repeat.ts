import { systemClock, type Clock } from './clock.ts'

/**
 * Does something until it works: once, and once more after each pause.
 * @param pauses milliseconds; without an end, the signal or `mayPass` ends it
 * @param mayPass whether a failure is one to try again after
 * @throws the last failure, also when the signal fires during a pause
 */
export async function repeat<Result>(
  work: () => Promise<Result>,
  pauses: Iterable<number>,
  mayPass: (error: unknown) => boolean,
  { signal, clock = systemClock }: { signal: AbortSignal; clock?: Pick<Clock, 'sleep'> },
): Promise<Result> {
  for (const pause of pauses) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error
      const isOver = await clock.sleep(pause, signal).then(
        () => false,
        () => true,
      )
      // What kept it from working says more than that the time is over.
      if (isOver) throw error
    }
  }
  return work()
}
