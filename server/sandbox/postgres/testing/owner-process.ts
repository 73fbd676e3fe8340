import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { PostgresOptions } from '../start.ts'

export interface OwnerProcess extends AsyncDisposable {
  readonly pid: number
  readonly url: string
  /** As `kill -9` does; resolves when the process is gone. */
  kill(): Promise<void>
}

/** Another Node process that starts PostgreSQL and then stays. */
export async function spawnOwner(options: PostgresOptions): Promise<OwnerProcess> {
  const start = new URL('../start.ts', import.meta.url).href
  const program = `
    import { startPostgres } from ${JSON.stringify(start)}
    console.log((await startPostgres(${JSON.stringify(options)})).url)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  const kill = () => killChild(child)
  return { pid: child.pid ?? 0, url, kill, [Symbol.asyncDispose]: kill }
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
