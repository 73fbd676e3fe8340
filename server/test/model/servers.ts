import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { reserveFreePort } from '../../sandbox/free-port.ts'
import { startFaultProxy, type FaultProxy } from '../../sandbox/fault-proxy/start.ts'
import { compose } from '../../src/compose.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { bind } from '../../src/listen.ts'
import { runProcess } from '../harness/process.ts'
import type { StandIns } from '../harness/stand-ins.ts'

export const lineNames = ['database', 'sikka', 'secretsManager'] as const
export type LineName = (typeof lineNames)[number]
type Lines = Record<LineName, FaultProxy>
type Jobs = ReturnType<typeof compose>['jobUseCases']

/** One server of the system under test, with lines of its own to what it works with. */
export interface Server {
  origin: string
  lines: Lines
  /** what it does for jobs; a child process is not asked for them */
  jobs: Jobs | undefined
  /** Waits until it has heard of all that is committed by now, or looks for itself; a child process cannot be asked */
  allIsHeard: (() => Promise<void>) | undefined
  /** Asks it past its port, where it is in this process: some 3 ms faster. */
  fetch: typeof fetch
  /** it has ceased to call an upstream for a while */
  hasTripped: () => boolean
  isAlive: () => boolean
  /** resolves when nothing that it has begun is under way; a child process cannot be asked */
  idle: () => Promise<unknown>
  /** What SIGTERM does: it finishes what it can in a short time, and hands back the rest. */
  drain: () => Promise<void>
  /** Ends it in the middle of whatever it does: from now on no byte leaves it. */
  crash: () => Promise<void>
  /** what it has logged since it was asked before */
  newLog: () => string
  close: () => Promise<void>
}

/** A line that was cut may not be healed: its port was given to somebody meanwhile, as ports are. */
export async function isReachable({ lines }: Server): Promise<boolean> {
  const tries = await Promise.all(
    Object.values(lines).map(async ({ port }) => {
      const socket = connect(port, '127.0.0.1')
      const isOpen = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      socket.destroy()
      return isOpen
    }),
  )
  return tries.every(Boolean)
}

async function openLines(standIns: StandIns): Promise<Lines> {
  const inFrontOf = (url: string): Promise<FaultProxy> => {
    const { hostname: host, port } = new URL(url)
    return startFaultProxy({ target: { host, port: Number(port) } })
  }
  const [database, sikka, secretsManager] = await Promise.all([
    inFrontOf(standIns.databaseUrl),
    inFrontOf(standIns.sikka.origin),
    inFrontOf(standIns.secretsManager.origin),
  ])
  return { database, sikka, secretsManager }
}

function variablesOf(standIns: StandIns, lines: Lines, port: number): Record<string, string> {
  const databaseUrl = new URL(standIns.databaseUrl)
  databaseUrl.hostname = '127.0.0.1'
  databaseUrl.port = String(lines.database.port)
  // So that the database can tell one server from another (`watchHolders`).
  databaseUrl.searchParams.set('application_name', `server-${port}`)
  return {
    ...standIns.variables,
    PORT: String(port),
    DATABASE_URL: databaseUrl.href,
    SIKKA_API_URL: lines.sikka.origin,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: lines.secretsManager.origin,
    LOG_LEVEL: 'debug',
  }
}

/** How long a server may take to start, and to finish its work when it stops; milliseconds. */
const patience = 30_000
const drainTime = 300

/** What a server logs when its circuit breaker opens. */
const trip = 'calls are refused until it works'

/** The SDK reads its endpoint from this process's environment at its first call: one server at a time. */
let starting: Promise<unknown> = Promise.resolve()

/**
 * The production server in this process. Its crash cuts its lines for ever: whatever it still does in memory, nothing
 * of it gets out, as nothing of a killed process does, and what it held goes back to the operating system. It costs
 * 60 ms, where a real process costs 800.
 */
export function startServerHere(standIns: StandIns, onRefresh: (integrationId: string) => void): Promise<Server> {
  const started = starting.then(() => startHere(standIns, onRefresh))
  starting = started.catch(() => undefined)
  return started
}

async function startHere(standIns: StandIns, onRefresh: (integrationId: string) => void): Promise<Server> {
  const listener = await bind('127.0.0.1', 0)
  const lines = await openLines(standIns)
  const variables = variablesOf(standIns, lines, listener.port)
  for (const [name, value] of Object.entries(variables)) if (name.startsWith('AWS_')) process.env[name] = value
  let log: string[] = []
  let tripped = false
  const write = (line: string): void => {
    log.push(line)
    tripped ||= line.includes(trip)
  }
  const logger = pino({ level: 'debug' }, { write })
  const server = compose(readEnvironment(variables), { log: logger, practiceDelays: [5, 5] })
  listener.serve(server.app, logger)
  // As `main.ts` does: a database that is slow for a moment is waited for.
  for (const tryUntil = performance.now() + patience; ; await sleep(50)) {
    const problem = await server.prepare().catch((error: unknown) => error)
    if (problem === undefined) break
    if (performance.now() > tryUntil) throw problem
  }
  await server.jobUseCases.settleSecret({ accountId: '00000000-0000-4000-8000-000000000000' }, 1)
  let alive = true
  const letGo = async (): Promise<void> => {
    await Promise.all([server.close().catch(() => undefined), listener.close(0)])
    await Promise.all(Object.values(lines).map((line) => line.close()))
  }
  return {
    origin: `http://localhost:${listener.port}`,
    lines,
    jobs: {
      ...server.jobUseCases,
      refreshKeys(integrationId) {
        onRefresh(integrationId)
        return server.jobUseCases.refreshKeys(integrationId)
      },
    },
    async allIsHeard() {
      if (!server.notices.isListening()) return
      // Changes are heard of in the order of their commits, and of all when notices may have been lost.
      const nobody = randomUUID()
      const { promise: heard, resolve } = Promise.withResolvers<void>()
      const stop = server.notices.subscribe(nobody, resolve)
      await standIns.db.$executeRaw`SELECT pg_notify('pms_changes', ${nobody})`
      await heard
      stop()
    },
    fetch,
    hasTripped: () => tripped,
    isAlive: () => alive,
    idle: () => server.finishWork(),
    async drain() {
      server.startDraining()
      await server.finishWork(drainTime)
    },
    async crash() {
      alive = false
      for (const line of Object.values(lines)) {
        line.set({ kind: 'cut' })
        // Not refused but unanswered: its port is not anybody else's while something in it may still call.
        line.set({ kind: 'hang' })
      }
      void letGo()
      await listener.close(0)
    },
    newLog: () => {
      const said = log.join('')
      log = []
      return said
    },
    async close() {
      if (!alive) return
      alive = false
      server.startDraining()
      await letGo()
    },
  }
}

/** The production server as the process that it is in production; its crash is SIGKILL. */
export async function startServerProcess(standIns: StandIns): Promise<Server> {
  const [port, lines] = [await reserveFreePort(), await openLines(standIns)]
  const child = runProcess('server/src/main.ts', variablesOf(standIns, lines, port))
  await child.printed('"ready"')
  let alive = true
  let seen = 0
  const end = async (): Promise<void> => {
    alive = false
    child.kill('SIGKILL')
    await child.ended
    // What it had said and was held on the way arrives after its death.
    for (const line of Object.values(lines)) line.heal()
  }
  return {
    origin: `http://localhost:${port}`,
    lines,
    jobs: undefined,
    allIsHeard: undefined,
    fetch,
    hasTripped: () => child.output().includes(trip),
    isAlive: () => alive,
    idle: () => Promise.resolve(),
    drain: () => Promise.reject(new Error('A child process is not drained here: its 20 seconds would pass')),
    crash: end,
    newLog: () => {
      const log = child.output().slice(seen)
      seen += log.length
      return log
    },
    async close() {
      if (alive) await end()
      await Promise.all(Object.values(lines).map((line) => line.close()))
    },
  }
}
