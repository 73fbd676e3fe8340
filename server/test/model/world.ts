import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { cookieBrowser, type CookieBrowser } from '../harness/browser.ts'
import { personOf, type Person } from '../harness/person.ts'
import { forgetOffices } from '../harness/office-owners.ts'
import { startStandIns, type StandIns } from '../harness/stand-ins.ts'
import { heldJobs, type HeldJobs } from './held-jobs.ts'
import { watchHolders } from './holders.ts'
import { secretsView, type SecretsView } from './secrets.ts'
import { lineNames, startServerHere, startServerProcess, type Server } from './servers.ts'

/** Servers in this process; one more is a process of its own. */
export const serversHere = 2

/** Milliseconds: how long anything may take when nothing is wrong, and how long it is waited for when something is. */
const patience = { well: 15_000, ill: 250, held: 40 } as const

/** Who uses the system, with the one browser that they start with. */
export interface Someone {
  id: string
  browser: CookieBrowser
  accessToken: string
}

/** Something asked of a server that it has not answered yet. */
export interface Pending {
  server: Server
  accountId: string | undefined
}

/**
 * The whole system, used for one run after the other: its servers (two here and one as a process, on one database),
 * its stand-ins, and no clock of its own: jobs wait until they are called for (`HeldJobs`), times are moved by SQL.
 */
export interface World {
  standIns: StandIns
  secrets: SecretsView
  jobs: HeldJobs
  people: Someone[]
  /** the servers in use; a crashed one is replaced by a new one at its place */
  servers: Server[]
  pending: Set<Pending>
  /** upstreams have failed in this run: servers may refuse to call them for a while, or pause before they try again */
  wasIll: boolean
  /** what has been met so far, and how often: that a model meets nothing is not seen otherwise */
  met: Map<string, number>
  /** attempts in progress whose server has died */
  orphans: Set<string>
  /** how often somebody has begun to refresh the keys of an integration */
  refreshes: Map<string, number>
  /** a number for this run, so that its offices are its own */
  run: number
  as: (who: Someone, server: Server) => Person
  /** Asks something of a server; it is waited for by `calm` alone. @returns what came of it, or undefined so far */
  ask: <Answer>(server: Server, accountId: string | undefined, work: () => Promise<Answer>) => Asked<Answer>
  /** Waits until nothing is under way; where something is wrong, for a short while at most. @returns whether it is so */
  calm: () => Promise<boolean>
  isIll: () => boolean
  /** Sikka or Secrets Manager was told to answer otherwise than usual */
  isScripted: boolean
  inProgress: () => Promise<{ id: string; accountId: string; server: Server | undefined }[]>
  /** which server works on an attempt */
  workers: Map<string, Server>
  heal: () => void
  /** what all servers have logged since it was asked before, also those that have died */
  newLog: () => string
  crash: (server: Server) => Promise<Server>
  /** New servers in place of those that are meant, or else of all: nothing of what was goes on. */
  renew: (isMeant?: (server: Server) => boolean | Promise<boolean>) => Promise<void>
  startRun: (accounts: number) => Promise<void>
  /** a person whom nobody has seen before */
  newSomeone: (server: Server) => Promise<Someone>
  close: () => Promise<void>
}

interface Asked<Answer> {
  answer: Answer | undefined
  error: unknown
  isOver: boolean
}

/** @param met where it is counted what this world meets */
export async function startWorld(met: Map<string, number>): Promise<World> {
  const standIns = await startStandIns(1)
  // No machine loses its power here, and half of a run would be spent waiting for the disk.
  const database = new URL(standIns.databaseUrl).pathname.slice(1)
  await standIns.db.$executeRawUnsafe(`ALTER DATABASE "${database}" SET synchronous_commit = off`)
  const jobs = await heldJobs(standIns.db)
  await watchHolders(standIns.db)
  const refreshes = new Map<string, number>()
  const onRefresh = (id: string): void => void refreshes.set(id, (refreshes.get(id) ?? 0) + 1)
  const servers = await Promise.all([
    startServerHere(standIns, onRefresh),
    startServerHere(standIns, onRefresh),
    startServerProcess(standIns),
  ])
  /** the next process, started beforehand once one has been killed: many runs need none */
  let spare: Promise<Server> | undefined
  const dead: Server[] = []
  let logOfDead = ''
  let run = 0

  const isHolding = (): boolean =>
    servers.some(({ lines }) =>
      Object.values(lines).some(({ fault, strikes }) => fault !== null && fault.kind.startsWith('hang') && strikes > 0),
    )
  const settled = async (): Promise<boolean> => {
    await Promise.all(servers.map((server) => server.idle()))
    return world.pending.size === 0 && (await world.inProgress()).length === 0
  }

  const world: World = {
    standIns,
    secrets: secretsView(standIns.secretsManager.origin),
    jobs,
    people: [],
    servers,
    pending: new Set(),
    workers: new Map(),
    wasIll: false,
    met,
    orphans: new Set(),
    refreshes,
    run,
    as: (who, server) => personOf(server.origin, who.accessToken, who.browser),
    ask<Answer>(server: Server, accountId: string | undefined, work: () => Promise<Answer>) {
      const entry = { server, accountId }
      world.pending.add(entry)
      const asked: Asked<Answer> = { answer: undefined, error: undefined, isOver: false }
      void work()
        .then((answer) => (asked.answer = answer))
        .catch((error: unknown) => (asked.error = error))
        .finally(() => (asked.isOver = true))
        // What was answered may go on without the request.
        .then(() => server.idle())
        .finally(() => world.pending.delete(entry))
      return asked
    },
    async calm() {
      const startedAt = performance.now()
      let heldAt = 0
      let isSettled = false
      const over = new AbortController()
      const look = (async () => {
        while (!isSettled && !over.signal.aborted) {
          isSettled = await settled()
          if (!isSettled) await sleep(3)
        }
      })()
      // It may fail when nobody waits for it any more.
      look.catch(() => undefined)
      try {
        for (;;) {
          await Promise.race([look, sleep(5)])
          if (isSettled) return true
          const waited = performance.now() - startedAt
          const orphaned = (await world.inProgress()).some(({ server }) => !server?.isAlive())
          if (isHolding()) heldAt ||= performance.now()
          if (heldAt && performance.now() - heldAt > patience.held) return false
          if ((world.isIll() || world.wasIll || orphaned) && waited > patience.ill) return false
          if (waited > patience.well) throw new Error('Nothing is wrong, and yet something does not come to its end')
        }
      } finally {
        over.abort()
      }
    },
    isIll: () =>
      servers.some(({ lines }) => Object.values(lines).some(({ fault }) => fault !== null)) || world.isScripted,
    async inProgress() {
      const rows = await standIns.db.pmsConnectionAttempt.findMany({
        where: { status: { in: ['CODE_RECEIVED', 'EXCHANGING', 'KEYS_RECEIVED', 'STORING'] } },
        select: { id: true, accountId: true },
      })
      return rows.map(({ id, accountId }) => ({ id, accountId, server: world.workers.get(id) }))
    },
    heal() {
      for (const { lines } of servers) for (const name of lineNames) if (lines[name].fault) lines[name].heal()
      standIns.secretsManager.heal()
      standIns.sikka.resetScenario()
      world.isScripted = false
    },
    newLog() {
      const log = logOfDead + servers.map((server) => server.newLog()).join('')
      logOfDead = ''
      return log
    },
    async crash(server) {
      const place = servers.indexOf(server)
      for (const { id, server: worker } of await world.inProgress()) if (worker === server) world.orphans.add(id)
      await server.crash()
      logOfDead += server.newLog()
      for (const entry of world.pending) if (entry.server === server) world.pending.delete(entry)
      jobs.forget(server)
      dead.push(server)
      const next = await (server.jobs ? startServerHere(standIns, onRefresh) : (spare ?? startServerProcess(standIns)))
      if (!server.jobs) {
        spare = startServerProcess(standIns)
        spare.catch(() => undefined)
      }
      servers[place] = next
      return next
    },
    async renew(isMeant = () => true) {
      for (const server of servers) if (await isMeant(server)) await world.crash(server)
    },
    async startRun(accounts) {
      world.heal()
      run += 1
      world.run = run
      world.wasIll = false
      world.workers.clear()
      world.orphans.clear()
      refreshes.clear()
      await jobs.clear()
      await standIns.db.pmsConnectionAttempt.deleteMany()
      await standIns.db.$executeRaw`TRUNCATE model_holders, model_trespasses`
      await standIns.db.pmsIntegration.deleteMany()
      await standIns.db.pmsAbandonedSecret.deleteMany()
      await forgetOffices(standIns.db)
      for (const { arn } of await world.secrets.list()) await world.secrets.destroy(arn)
      standIns.sikka.resetCalls()
      for (const server of dead.splice(0)) if (!server.jobs) await server.close()
      const [server] = servers
      if (!server) throw new Error('There is no server')
      world.people = await Promise.all(Array.from({ length: accounts }, () => world.newSomeone(server)))
    },
    async newSomeone(server) {
      const accessToken = await standIns.identity.issueToken({ sub: randomUUID() })
      const browser = cookieBrowser()
      const { accountId: id } = await personOf(server.origin, accessToken, browser).client.account.current.query()
      return { id, browser, accessToken }
    },
    async close() {
      const started = await spare
      await Promise.all([...servers, ...dead, ...(started ? [started] : [])].map((server) => server.close()))
      await standIns.stop()
    },
    isScripted: false,
  }
  return world
}
