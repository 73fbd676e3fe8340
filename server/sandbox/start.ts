/**
 * `pnpm start`: the stand-ins, the migrated database, the built page and the production server, on this
 * machine alone. Ctrl-C stops all of it; the data stays in `.sandbox`. With `--dev`, server and page
 * reload when their sources change.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@pms/prisma/migrate'
import { bind } from '../src/listen.ts'
import { StartError } from '../src/config/start-error.ts'
import { keptSecret, serverEnvironment } from './environment.ts'
import { runSandbox, type Sandbox } from './run-sandbox.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.sandbox')
const serverLog = join(folder, 'server.log')
const host = '127.0.0.1'

/** How long the server may take to be ready, milliseconds. */
const readyWithin = 30_000

interface Running {
  stop: () => Promise<void>
}

async function start(dev: boolean): Promise<Running> {
  const startedAt = performance.now()
  const port = readPort('PORT') ?? 3000
  const origin = `http://localhost:${port}`
  // Known before anything is started for it.
  await freePort(port)
  await mkdir(folder, { recursive: true, mode: 0o711 })
  const built = run('vite', ['build', '--logLevel', 'warn'])
  const children: ChildProcess[] = []
  let sandbox: Sandbox | undefined
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(stopChild))
    await sandbox?.close()
  }
  try {
    sandbox = await runSandbox({
      folder,
      databaseUrl: process.env['DATABASE_URL'],
      identityPort: readPort('SANDBOX_IDENTITY_PORT'),
    })
    const applied = await migrate(sandbox.databaseUrl)
    if (applied.length > 0) console.log(`Database: applied ${applied.join(', ')}`)
    await built
    const serverPort = dev ? await freePort(0) : port
    const environment = serverEnvironment({
      origin,
      host,
      port: serverPort,
      ...sandbox,
      stateSecret: await keptSecret(folder, 'state-secret'),
    })
    children.push(startServer(environment, dev))
    if (dev) children.push(startPageServer(port, `http://${host}:${serverPort}`))
    await ready(`http://${host}:${serverPort}/readyz`, children)
    printReady(origin, sandbox, startedAt)
    for (const child of children) {
      child.once('exit', () =>
        shutDown(stop, 1, `The ${child.spawnargs[1]} process has stopped. Its log: ${serverLog}`),
      )
    }
    return { stop }
  } catch (error) {
    await built.catch(() => undefined)
    await stop()
    throw error
  }
}

/** @returns the port itself, or for 0 a free one @throws {StartError} when it is taken */
async function freePort(port: number): Promise<number> {
  const bound = await bind(host, port)
  bound.http.close()
  await once(bound.http, 'close')
  return bound.port
}

function readPort(name: string): number | undefined {
  const value = process.env[name]
  if (!value) return undefined
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port
  throw new StartError(`${name} has to be a port, 1 to 65535.`)
}

/** Settings of the person's own shell must not reach the sandboxed server. */
function cleanEnvironment(): Record<string, string> {
  const keep = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'LOG_LEVEL']
  return Object.fromEntries(
    keep.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

function startServer(environment: Record<string, string>, dev: boolean): ChildProcess {
  const main = join(root, 'server/src/main.ts')
  const child = spawn(process.execPath, [...(dev ? ['--watch', '--watch-preserve-output'] : []), main], {
    cwd: root,
    env: { ...cleanEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout?.pipe(createWriteStream(serverLog))
  return child
}

function startPageServer(port: number, serverOrigin: string): ChildProcess {
  return spawn(
    join(root, 'web/node_modules/.bin/vite'),
    ['--port', String(port), '--strictPort', '--host', 'localhost'],
    {
      cwd: join(root, 'web'),
      env: { ...cleanEnvironment(), DEV_SERVER_ORIGIN: serverOrigin },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
}

async function run(tool: string, args: string[]): Promise<void> {
  const child = spawn(join(root, 'web/node_modules/.bin', tool), args, { cwd: join(root, 'web'), stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new StartError(`The page could not be built (${tool} ended with ${code}).`)
}

async function ready(url: string, children: ChildProcess[]): Promise<void> {
  const giveUpAt = performance.now() + readyWithin
  while (performance.now() < giveUpAt) {
    if (children.some((child) => child.exitCode !== null))
      throw new StartError(`The server has stopped. Its log: ${serverLog}`)
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await sleep(50)
  }
  throw new StartError(`The server was not ready within ${readyWithin / 1000} seconds. Its log: ${serverLog}`)
}

function printReady(origin: string, sandbox: Sandbox, startedAt: number): void {
  console.log(`
  Page      ${origin}
  Sign-in   ${sandbox.identity.issuer} (sandbox: two people, no password)
  Sikka     ${sandbox.sikka.origin} (sandbox: choose what goes wrong on its page, or at /sandbox/scenario)
  Data      ${folder} (delete it to start afresh)
  Log       ${serverLog}

  Ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Ctrl-C stops everything.
`)
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.removeAllListeners('exit')
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

let stopping = false
function shutDown(stop: () => Promise<void>, code: number, message?: string): void {
  if (stopping) return
  stopping = true
  console.log(message ?? '\nStopping…')
  stop().then(
    () => process.exit(code),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
}

try {
  const parent = process.ppid
  const running = start(process.argv.includes('--dev'))
  // A signal during the start stops what has been started by then.
  const stop = async (): Promise<void> => (await running).stop()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => shutDown(stop, 0))
  // The terminal or the package manager may go without a word.
  setInterval(() => process.ppid !== parent && shutDown(stop, 0), 1_000).unref()
  await running
} catch (error) {
  if (!stopping) console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
