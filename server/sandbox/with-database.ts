/**
 * Runs a command with DATABASE_URL set: to a PostgreSQL that lives as long as the command does, unless the
 * variable is set already. Ends with the command's own exit code.
 *
 *     node server/sandbox/with-database.ts node prisma/check-drift.ts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startPostgres } from './postgres/start.ts'

const folder = fileURLToPath(new URL('../../.sandbox', import.meta.url))
const [command, ...args] = process.argv.slice(2)

if (command === undefined) {
  console.error('Usage: node server/sandbox/with-database.ts <command> [arguments]')
  process.exitCode = 2
} else {
  try {
    process.exitCode = await runWithDatabase(command, args)
  } catch (error) {
    console.error(`with-database: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

async function runWithDatabase(program: string, programArgs: string[]): Promise<number> {
  let asked: NodeJS.Signals | undefined
  let forward = (_signal: NodeJS.Signals): void => undefined
  const onSignal = (signal: NodeJS.Signals) => {
    asked = signal
    forward(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

  const given = process.env['DATABASE_URL']
  await using postgres = given ? undefined : await startPostgres({ folder, keep: false, onNotice: console.error })
  if (asked) return 128 + constants.signals[asked]
  const child = spawn(program, programArgs, {
    stdio: 'inherit',
    env: { ...process.env, DATABASE_URL: given || postgres?.url },
  })
  forward = (signal) => {
    // Ctrl-C in a terminal has reached the command already, and a second one often means "at once".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return code ?? 128 + (signal ? constants.signals[signal] : 0)
}
