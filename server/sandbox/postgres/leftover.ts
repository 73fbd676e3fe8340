import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { commandOfProcess } from './process-tag.ts'

/** Milliseconds: a fast shutdown writes what is in memory to disk first. */
const patience = { fast: 20_000, immediate: 5_000 }

/** Pid of the server that runs on this data folder, if one does. */
export async function runningServer(data: string): Promise<number | undefined> {
  const pid = await pidInFile(data)
  return pid !== undefined && (await serves(pid, data)) ? pid : undefined
}

/**
 * Stops a server that outlived the process that started it, and no other: the process named in
 * `postmaster.pid` must be a PostgreSQL whose command line names this very folder.
 * @throws when it does not stop
 */
export async function stopLeftover(data: string): Promise<boolean> {
  const pid = await pidInFile(data)
  if (pid === undefined) return false
  if (!(await serves(pid, data))) {
    // PostgreSQL takes any living process of this pid for its predecessor, and would refuse to start.
    if (await commandOfProcess(pid)) await unlink(join(data, 'postmaster.pid'))
    return false
  }
  if (await signalAndWait(pid, data, 'SIGINT', patience.fast)) return true
  if (await signalAndWait(pid, data, 'SIGQUIT', patience.immediate)) return true
  throw new Error(`The PostgreSQL of an earlier run, process ${pid}, does not stop. Stop it and try again.`)
}

async function signalAndWait(pid: number, data: string, signal: NodeJS.Signals, limit: number): Promise<boolean> {
  const end = performance.now() + limit
  let sent = false
  while (await serves(pid, data)) {
    if (!sent) sent = process.kill(pid, signal)
    if (performance.now() > end) return false
    await wait(20)
  }
  return true
}

async function serves(pid: number, data: string): Promise<boolean> {
  const command = await commandOfProcess(pid)
  return command?.includes(`/postgres -D ${data} `) ?? false
}

async function pidInFile(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return pid > 1 ? pid : undefined
}
