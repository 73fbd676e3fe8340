/** Work that goes on after its request was answered, so that a server that stops can wait for it. */
export interface Background {
  track: (work: Promise<unknown>) => void
  /** @returns whether all of it ended within that time, milliseconds */
  settle: (within: number) => Promise<boolean>
}

export function background(): Background {
  const running = new Set<Promise<unknown>>()

  /** Work may begin more work. */
  async function untilIdle(): Promise<void> {
    while (running.size > 0) await Promise.all(running)
  }

  return {
    track(work) {
      const settled = work.catch(() => undefined).finally(() => running.delete(settled))
      running.add(settled)
    },
    async settle(within) {
      const { promise: timeout, resolve } = Promise.withResolvers<false>()
      const timer = setTimeout(() => resolve(false), within)
      return Promise.race([untilIdle().then(() => true), timeout]).finally(() => clearTimeout(timer))
    },
  }
}
