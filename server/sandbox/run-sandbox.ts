import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { application, clientId, type Surroundings } from './environment.ts'
import { startFaultProxies } from './fault-proxy/in-front.ts'
import { startIdentity, type Identity } from './identity/start.ts'
import { startPostgres, type Postgres } from './postgres/start.ts'
import { startSecretsManager } from './secrets-manager/start.ts'
import { startSikka, type Sikka } from './sikka/start.ts'

/** The stand-ins of contract section 9, running. */
export interface Sandbox {
  databaseUrl: string
  identity: Identity
  sikka: Sikka
  /** where the server is to find them: behind fault proxies */
  forServer: Surroundings
  /** origin of the proxies' control, with `/sandbox/faults` */
  faultControl: string
  close: () => Promise<void>
}

/**
 * Starts every stand-in, its data kept in `folder` between runs.
 * @param databaseUrl a PostgreSQL of yours instead of the embedded one
 * @param identityPort the sign-in's port; accounts belong to its address, so it is kept between runs
 */
export async function runSandbox(options: {
  folder: string
  databaseUrl?: string | undefined
  identityPort?: number | undefined
}): Promise<Sandbox> {
  const { folder } = options
  await mkdir(folder, { recursive: true, mode: 0o711 })
  const started: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const stop of started.splice(0).toReversed()) await stop()
  }
  const keep = <T extends { close: () => Promise<void> }>(part: T): T => {
    started.push(() => part.close())
    return part
  }
  try {
    const postgres: Postgres | undefined = options.databaseUrl
      ? undefined
      : keep(await startPostgres({ folder, keep: true }))
    const identity = keep(await startIdentityAtKeptPort(folder, options.identityPort))
    const sikka = keep(await startSikka({ ...application, redirectUris: 'loopback', folder: join(folder, 'sikka') }))
    const secretsManager = keep(await startSecretsManager({ folder: join(folder, 'secrets-manager') }))
    const databaseUrl = postgres?.url ?? options.databaseUrl ?? ''
    // A database of yours stays without a proxy: its TLS may depend on its name.
    const proxies = keep(await startFaultProxies({ databaseUrl: postgres?.url, sikka, secretsManager }))
    const forServer: Surroundings = {
      databaseUrl: proxies.databaseUrl ?? databaseUrl,
      identity,
      // The page is the browser's, and stays as it is.
      sikka: { ...proxies.sikka, authorizationPage: sikka.authorizationPage },
      secretsManager: proxies.secretsManager,
    }
    return { databaseUrl, identity, sikka, forServer, faultControl: proxies.control, close }
  } catch (error) {
    await close()
    throw error
  }
}

const preferredIdentityPort = 3001

async function startIdentityAtKeptPort(folder: string, asked: number | undefined): Promise<Identity> {
  const file = join(folder, 'identity-port')
  const kept = await readFile(file, 'utf8').then(Number, () => undefined)
  const port = asked ?? kept ?? preferredIdentityPort
  const options = { folder: join(folder, 'identity'), clientId }
  let identity: Identity
  try {
    identity = await startIdentity({ ...options, port })
  } catch (error) {
    if (!isPortTaken(error)) throw error
    if (asked !== undefined || kept !== undefined) {
      throw new Error(
        `Port ${port}, where the sandbox's sign-in listens, is taken. Free it, or set SANDBOX_IDENTITY_PORT to another one (people then sign in to new accounts).`,
        { cause: error },
      )
    }
    identity = await startIdentity(options)
  }
  await writeFile(file, new URL(identity.issuer).port)
  return identity
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
