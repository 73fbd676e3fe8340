import { reserveFreePort } from '../../sandbox/free-port.ts'
import { startFaultProxy, type FaultProxy } from '../../sandbox/fault-proxy/start.ts'
import { personOf, type Person } from './person.ts'
import { runProcess, type Running } from './process.ts'
import type { StandIns } from './stand-ins.ts'

const main = 'server/src/main.ts'

/** A real process of the production server, beside others on the same database and stand-ins. */
export interface ServerProcess extends Running {
  origin: string
  /** its own: what breaks here breaks for this server alone */
  lines: StandIns['lines']
  /** that person, who now talks to this server; same browser, same sign-in */
  here: (person: Person) => Person
  /**
   * SIGKILL. What it had said and is held on its lines is never heard, but on the line that is `kept`, where it is
   * when that line is healed: it was on its way.
   */
  crash: (kept?: keyof StandIns['lines']) => Promise<void>
}

/**
 * Starts a server, and waits until it is ready.
 * @param environment further variables, of contract section 3 or Node's
 */
export async function startServer(
  standIns: StandIns,
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  const port = await reserveFreePort()
  const origin = `http://localhost:${port}`
  const inFrontOf = (url: string): Promise<FaultProxy> => {
    const { hostname: host, port: behind } = new URL(url)
    return startFaultProxy({ target: { host, port: Number(behind) } })
  }
  const lines = {
    database: await inFrontOf(standIns.databaseUrl),
    sikka: await inFrontOf(standIns.sikka.origin),
    secretsManager: await inFrontOf(standIns.secretsManager.origin),
  }
  const databaseUrl = new URL(standIns.databaseUrl)
  databaseUrl.hostname = '127.0.0.1'
  databaseUrl.port = String(lines.database.port)
  const ofStandIns = Object.entries(standIns.variables).map(([name, value]) => [
    name,
    value.replaceAll(standIns.origin, origin),
  ])
  const running = runProcess(main, {
    ...(Object.fromEntries(ofStandIns) as Record<string, string>),
    PORT: String(port),
    DATABASE_URL: databaseUrl.href,
    SIKKA_API_URL: lines.sikka.origin,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: lines.secretsManager.origin,
    ...environment,
  })
  await running.printed('"ready"')
  return {
    ...running,
    origin,
    lines,
    here: ({ accessToken, browser }) => personOf(origin, accessToken, browser),
    async crash(kept) {
      running.kill('SIGKILL')
      await running.ended
      for (const line of Object.values(lines)) if (kept === undefined || line !== lines[kept]) await line.close()
    },
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]()
      for (const line of Object.values(lines)) await line.close()
    },
  }
}

export async function databaseTime({ db }: Pick<StandIns, 'db'>): Promise<number> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT now()`
  return row?.now.getTime() ?? Number.NaN
}

/** Variables of a server in which something can go wrong: SIGUSR2 blocks it for 5 seconds, SIGHUP rejects a promise. */
export const troubleInside = {
  NODE_OPTIONS: `--import=${new URL('./trouble-inside.ts', import.meta.url).href}`,
}

/** Whether it is ready for a balancer that asks on a new connection each time. */
export const isReady = ({ origin }: ServerProcess) =>
  fetch(`${origin}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
