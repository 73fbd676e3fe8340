import { readdirSync, readFileSync } from 'node:fs'

/**
 * Processor time that the threads of a process have used so far, seconds; to the nanosecond, where what /proc says of the
 * process as a whole is in hundredths of a second. @throws where there is no /proc, that is on anything but Linux
 */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9
}

/** Memory of a process that is in use now (resident set), MB of 1,000,000 bytes. */
export function megabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kilobytes) * 1_024) / 1_000_000
}
