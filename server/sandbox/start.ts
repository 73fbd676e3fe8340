/**
 * `pnpm start`: everything on this machine alone. Ctrl-C stops all of it; the data stays. With `--dev`,
 * server and page reload when their sources change.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from '../src/config/start-error.ts'
import { runSystem, type RunningSystem } from './run-system.ts'

const folder = process.env['SANDBOX_FOLDER'] ?? fileURLToPath(new URL('../../.sandbox', import.meta.url))

function readPort(name: string): number | undefined {
  const value = process.env[name]
  if (!value) return undefined
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port
  throw new StartError(`${name} has to be a port, 1 to 65535.`)
}

function printReady({ origin, sandbox, serverLog, applied }: RunningSystem, seconds: number): void {
  if (applied.length > 0) console.log(`Database: applied ${applied.join(', ')}`)
  console.log(`
  Page      ${origin}
  Sign-in   ${sandbox.identity.issuer} (sandbox: two people, no password)
  Sikka     ${sandbox.sikka.origin} (sandbox: choose what goes wrong on its page, or at /sandbox/scenario)
  Faults    ${sandbox.faultControl}/sandbox/faults (break the line to the database, Sikka or Secrets Manager)
  Database  ${process.env['DATABASE_URL'] ? 'yours (DATABASE_URL)' : sandbox.databaseUrl} (look inside with pnpm studio <address>)
  Data      ${join(folder, '/')} (delete it to start afresh)
  Log       ${serverLog}

  Ready in ${seconds.toFixed(1)} s. Ctrl-C stops everything.
`)
}

let stopping = false

/** Stops what runs, or what is being started, once. */
async function shutDown(starting: Promise<RunningSystem>, message: string, code: number): Promise<void> {
  if (stopping) return
  stopping = true
  console.log(message)
  try {
    await (await starting).stop()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
  process.exit(code)
}

try {
  const startedAt = performance.now()
  const parent = process.ppid
  const starting = runSystem({
    folder,
    port: readPort('PORT') ?? 3000,
    identityPort: readPort('SANDBOX_IDENTITY_PORT'),
    databaseUrl: process.env['DATABASE_URL'],
    dev: process.argv.includes('--dev'),
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void shutDown(starting, '\nStopping…', 0))
  }
  // The terminal or the package manager may go without a word.
  setInterval(() => {
    if (process.ppid !== parent) void shutDown(starting, 'Nobody is waiting for it any more: stopping…', 0)
  }, 1_000).unref()
  const running = await starting
  if (!stopping) printReady(running, (performance.now() - startedAt) / 1000)
  await running.ended
  await shutDown(starting, `The server has stopped by itself. Its log: ${running.serverLog}`, 1)
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
