/** Whether the server stops, for those who hold requests: thousands of them, which an AbortSignal would walk through for each. */
export interface Draining {
  hasBegun(): boolean
  /** @returns how not to be told any more */
  onBegin(callback: () => void): () => void
}

export function draining(): Draining & {
  begin(): void
  /** how many wait to be told */
  waiting(): number
} {
  const waiting = new Set<() => void>()
  let begun = false
  return {
    hasBegun: () => begun,
    onBegin(callback) {
      waiting.add(callback)
      return () => waiting.delete(callback)
    },
    waiting: () => waiting.size,
    begin() {
      begun = true
      for (const callback of waiting) callback()
    },
  }
}
