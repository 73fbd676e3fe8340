import { setTimeout as sleep } from 'node:timers/promises'

/** Time that is never set back (F91), and waiting in it; milliseconds. */
export interface Clock {
  now(): number
  /** @throws when the signal fires first */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
}
