import type { Clock } from '../clock.ts'

/** Counts calls by key, in windows of time that begin with a key's first call. */
export interface WindowCounter {
  /** Takes one call. @returns milliseconds until the window ends, when it was one too many; else undefined */
  take(key: string): number | undefined
  /** One call less, for one that has turned out not to count. */
  giveBack(key: string): void
}

/**
 * In this process alone, and at once: a status question is answered in less time than a promise-based counter takes.
 * What is over is let go of after two windows at most, all of it at once.
 * @param clock milliseconds on a clock that never goes back (F91)
 */
export function windowCounter(
  { points, milliseconds }: { points: number; milliseconds: number },
  clock: Pick<Clock, 'now'>,
): WindowCounter {
  let recent = new Map<string, { taken: number; endsAt: number }>()
  let older = recent
  let turnsAt = -Infinity

  /** The key's window, if it is not over. What began two turns ago is over, whoever it was. */
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
