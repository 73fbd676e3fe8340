import { listen } from '../listen.ts'
import { faultControl } from './control.ts'
import { startFaultProxy, type FaultProxy } from './start.ts'

/** Where the stand-ins listen. */
export interface StandInAddresses {
  /** undefined: no stand-in, and no faults */
  databaseUrl: string | undefined
  sikka: { origin: string }
  secretsManager: { origin: string }
}

/** The same, seen through proxies. */
export interface FaultProxies extends StandInAddresses {
  /** of the HTTP control: `<control>/sandbox/faults` */
  control: string
  close: () => Promise<void>
}

/** Starts a fault proxy in front of each, and the control of them all. */
export async function startFaultProxies(behind: StandInAddresses): Promise<FaultProxies> {
  await using started = new AsyncDisposableStack()
  const inFrontOf = async (url: string): Promise<FaultProxy> => {
    const { hostname: host, port } = new URL(url)
    return started.use(await startFaultProxy({ target: { host, port: Number(port) } }))
  }
  const database = behind.databaseUrl === undefined ? undefined : await inFrontOf(behind.databaseUrl)
  const sikka = await inFrontOf(behind.sikka.origin)
  const secretsManager = await inFrontOf(behind.secretsManager.origin)
  const control = await listen(faultControl({ database, sikka, secretsManager }).fetch, {})
  started.defer(() => control.close())
  const running = started.move()
  return {
    databaseUrl: behind.databaseUrl && database && atPort(behind.databaseUrl, database.port),
    sikka: { origin: sikka.origin },
    secretsManager: { origin: secretsManager.origin },
    control: control.origin,
    close: () => running.disposeAsync(),
  }
}

function atPort(url: string, port: number): string {
  const moved = new URL(url)
  moved.hostname = '127.0.0.1'
  moved.port = String(port)
  return moved.href
}
