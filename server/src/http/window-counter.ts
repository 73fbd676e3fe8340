import type { Clock } from '../clock.ts'

/** Counts calls by key, in time windows that begin with a key's first call. */
export interface WindowCounter {
  /** Counts one call. @returns milliseconds until the window ends, if it exceeds the limit; else undefined */
  take(key: string): number | undefined
  /** Refunds a call that turned out not to count. */
  giveBack(key: string): void
}

/**
 * Per process and synchronous: a status request is answered in less time than a promise-based counter takes. Expired
 * windows are dropped in bulk, after two window lengths at most.
 * @param clock milliseconds on a clock that never goes back (F91)
 */
export function windowCounter(
  { points, milliseconds }: { points: number; milliseconds: number },
  clock: Pick<Clock, 'now'>,
): WindowCounter {
  let recent = new Map<string, { taken: number; endsAt: number }>()
  let older = recent
  let turnsAt = -Infinity

  /** The key's window, unless expired. Windows that began two turns ago have expired, whatever the key. */
  function windowOf(key: string, now: number) {
    if (now >= turnsAt) {
      older = now >= turnsAt + milliseconds ? new Map() : recent
      recent = new Map()
      turnsAt = now + milliseconds
    }
    const window = recent.get(key) ?? older.get(key)
    return window && now < window.endsAt ? window : undefined
  }

  return {
    take(key) {
      const now = clock.now()
      let window = windowOf(key, now)
      if (!window) {
        window = { taken: 0, endsAt: now + milliseconds }
        recent.set(key, window)
      }
      window.taken += 1
      return window.taken > points ? window.endsAt - now : undefined
    },
    giveBack(key) {
      const window = windowOf(key, clock.now())
      if (window) window.taken -= 1
    },
  }
}
