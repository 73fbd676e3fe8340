/** Milliseconds of processor time that this thread needs for it; the best of ten, to leave out what others cost. */
export function quickest(work: () => unknown): number {
  const times = Array.from({ length: 10 }, () => {
    const before = process.threadCpuUsage()
    work()
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1_000
  })
  return Math.min(...times)
}
