import type { Clock } from '../../clock.ts'

/** A clock that moves only by the pauses that are slept on it, which it lists. */
export interface FakeClock extends Clock {
  readonly pauses: number[]
  pass(milliseconds: number): void
}

/** @param onPause happens during each pause, numbered from 1 */
export function fakeClock(onPause?: (number: number) => Promise<void> | void): FakeClock {
  let now = 0
  const pauses: number[] = []
  return {
    pauses,
    now: () => now,
    pass: (milliseconds) => void (now += milliseconds),
    async sleep(milliseconds, signal) {
      pauses.push(milliseconds)
      await onPause?.(pauses.length)
      signal.throwIfAborted()
      now += milliseconds
    },
  }
}
