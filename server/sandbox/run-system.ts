import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { migrate } from '@pms/prisma/migrate'
import { StartError } from '../src/config/start-error.ts'
import { bind } from '../src/listen.ts'
import { startChild, type Child } from './child.ts'
import { keptSecret, serverEnvironment } from './environment.ts'
import { runSandbox, type Sandbox } from './run-sandbox.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const host = '127.0.0.1'

/** How long the server may take to be ready, milliseconds. */
const readyWithin = 30_000

export interface SystemOptions {
  /** where all data is kept */
  folder: string
  /** of the page */
  port: number
  identityPort: number | undefined
  /** a PostgreSQL of yours instead of the embedded one */
  databaseUrl: string | undefined
  /** reload server and page when their sources change */
  dev: boolean
}

export interface RunningSystem {
  origin: string
  sandbox: Sandbox
  serverLog: string
  /** migrations applied now */
  applied: string[]
  /** resolves when the server or the page's server has ended by itself */
  ended: Promise<void>
  stop: () => Promise<void>
}

/**
 * The stand-ins, the migrated database, the built page and the production server.
 * @throws {StartError} and whatever keeps a part from starting; nothing is left running then
 */
export async function runSystem({
  folder,
  port,
  identityPort,
  databaseUrl,
  dev,
}: SystemOptions): Promise<RunningSystem> {
  const origin = `http://localhost:${port}`
  const serverLog = join(folder, 'server.log')
  // Known to be free before anything is started for it.
  await takeAndFree(port)
  await mkdir(folder, { recursive: true, mode: 0o711 })
  await using started = new AsyncDisposableStack()
  const built = buildPage()
  started.defer(() => built.catch(() => undefined))
  const sandbox = await runSandbox({ folder, databaseUrl, identityPort })
  started.defer(sandbox.close)
  const applied = await migrate(sandbox.databaseUrl)
  await built

  const serverPort = dev ? await takeAndFree(0) : port
  const stateSecret = await keptSecret(folder, 'state-secret')
  const env = serverEnvironment({ origin, host, port: serverPort, ...sandbox.forServer, stateSecret })
  const main = join(root, 'server/src/main.ts')
  const watch = dev ? ['--watch', '--watch-preserve-output'] : []
  const children = [startChild(process.execPath, [...watch, main], { cwd: root, env, log: serverLog })]
  if (dev) children.push(startPageServer(port, `http://${host}:${serverPort}`))
  started.defer(async () => {
    await Promise.all(children.map((child) => child.stop()))
  })
  await untilReady(`http://${host}:${serverPort}/readyz`, children, serverLog)
  const running = started.move()
  return {
    origin,
    sandbox,
    serverLog,
    applied,
    ended: Promise.race(children.map((child) => child.ended)),
    stop: () => running.disposeAsync(),
  }
}

/** @returns the port itself, or for 0 a free one @throws {StartError} when it is taken */
async function takeAndFree(port: number): Promise<number> {
  const listener = await bind(host, port)
  await listener.close()
  return listener.port
}

const web = join(root, 'web')
const vite = join(web, 'node_modules/.bin/vite')

async function buildPage(): Promise<void> {
  const build = spawn(process.execPath, ['build.ts', '--if-changed'], { cwd: web, stdio: 'inherit' })
  const [code] = await once(build, 'exit')
  if (code !== 0) throw new StartError(`The page could not be built (web/build.ts ended with ${code}).`)
}

function startPageServer(port: number, serverOrigin: string): Child {
  const args = ['--port', String(port), '--strictPort', '--host', 'localhost']
  return startChild(vite, args, { cwd: web, env: { DEV_SERVER_ORIGIN: serverOrigin } })
}

async function untilReady(url: string, children: Child[], serverLog: string): Promise<void> {
  const giveUpAt = performance.now() + readyWithin
  while (performance.now() < giveUpAt) {
    if (children.some((child) => child.hasEnded()))
      throw new StartError(`The server has stopped. Its log: ${serverLog}`)
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await sleep(50)
  }
  throw new StartError(`The server was not ready within ${readyWithin / 1000} seconds. Its log: ${serverLog}`)
}
