import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Account, runAs } from './account.ts'
import { keeper } from './keeper.ts'

/** Milliseconds. A start after a crash replays what was written since the last checkpoint. */
const limits = { start: 60_000, stop: 20_000 }

export interface ServerOptions {
  readonly account: Account
  readonly bin: string
  readonly data: string
  readonly port: number
  /** What becomes of the data folder after a proper end. */
  readonly after: 'keep' | 'remove'
  readonly settings: Readonly<Record<string, string | number>>
}

export interface ServerProcess {
  /** Resolves when the server has ended; with the last lines of its log unless it was stopped properly. */
  readonly ended: Promise<string>
  /** Fast shutdown; resolves when no process is left. */
  stop(): Promise<void>
}

/** Somebody else has the port. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'
}

/**
 * Starts a server on 127.0.0.1 and waits until it takes connections.
 * @throws PortTaken; or an error with the end of the server's log
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { account, data, port } = options
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [join(options.bin, 'postgres'), '-D', data, '-p', String(port), ...settings]
  // Detached: Ctrl-C in a terminal signals the whole process group, and PostgreSQL would go before its users.
  const child = spawn('/bin/sh', ['-c', keeper, 'keeper', options.after, data, ...command], {
    ...runAs(account),
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close').then(() => said.slice(said.indexOf('\n') + 1).trim())
  const stop = async () => {
    child.stdin.end()
    const overdue = setTimeout(() => signalIfThere(Number.parseInt(said, 10), 'SIGQUIT'), limits.stop)
    await ended.finally(() => clearTimeout(overdue))
  }
  const end = performance.now() + limits.start
  while (!(await isReady(data, Number.parseInt(said, 10)))) {
    if (hasEnded(child)) throw failure(await ended, options)
    if (performance.now() > end) {
      await stop()
      throw new Error(`PostgreSQL was not ready within ${limits.start / 1000} seconds.`)
    }
    await wait(10)
  }
  return { ended, stop }
}

/** The server's own word, in its pid file: unlike an answer on the port, it cannot be somebody else's. */
async function isReady(data: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function failure(log: string, { data, port }: ServerOptions): Error {
  if (log.includes('Address already in use')) return new PortTaken(`Port ${port} of 127.0.0.1 is taken.`)
  return new Error(`PostgreSQL did not start on ${data}:\n${log}`)
}
