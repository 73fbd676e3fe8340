import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { openDatabase, type PrismaClient } from '@pms/prisma/client'
import { createTRPCClient, httpLink } from '@trpc/client'
import { pino } from 'pino'
import { application, clientId, serverEnvironment } from '../../sandbox/environment.ts'
import { startIdentity, type Identity } from '../../sandbox/identity/start.ts'
import { startSecretsManager } from '../../sandbox/secrets-manager/start.ts'
import { startSikka, type Sikka } from '../../sandbox/sikka/start.ts'
import { compose } from '../../src/compose.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import type { AppRouter } from '../../src/http/trpc/router.ts'
import { attach, bind, closeHttp } from '../../src/listen.ts'
import { cookieBrowser, type CookieBrowser } from './browser.ts'
import { freshDatabase } from './fresh-database.ts'

/** The production server with its stand-ins, on free ports, with a database of its own. */
export interface System {
  origin: string
  db: PrismaClient
  databaseUrl: string
  identity: Identity
  sikka: Sikka
  /** every line the server has logged */
  log: string[]
  /** the secret of an account as a service would read it, or undefined */
  readSecret: (secretArn: string) => Promise<Record<string, unknown>>
  stop: () => Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * @param environment further variables of contract section 3
 * @param practiceDelays pauses before the list of practices is asked for again, milliseconds
 */
export async function startSystem({
  environment = {},
  practiceDelays = [5, 5],
}: { environment?: Record<string, string>; practiceDelays?: readonly number[] } = {}): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'pms-system-'))
  const database = await freshDatabase()
  const [identity, sikka, secretsManager, { http, port }] = await Promise.all([
    startIdentity({ folder, clientId }),
    startSikka({ ...application, redirectUris: 'loopback' }),
    startSecretsManager({ folder: join(folder, 'secrets') }),
    bind('127.0.0.1', 0),
  ])
  const origin = `http://localhost:${port}`
  const variables = serverEnvironment({
    origin,
    host: '127.0.0.1',
    port,
    databaseUrl: database.url,
    identity,
    sikka,
    secretsManager,
    stateSecret: randomBytes(32).toString('base64'),
  })
  // The AWS SDK reads its own variables itself; the server reads nothing but what it is given.
  for (const [name, value] of Object.entries(variables)) if (name.startsWith('AWS_')) process.env[name] = value
  const log: string[] = []
  const server = compose(readEnvironment({ ...variables, LIMIT_STATUS_PER_MINUTE: '0', ...environment }), {
    log: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    practiceDelays,
  })
  attach(http, server)
  await server.checkReady()

  const db = openDatabase(database.url)
  const secrets = new SecretsManagerClient({ region: 'us-east-1', endpoint: secretsManager.origin })
  const stop = async (): Promise<void> => {
    server.startDraining()
    await closeHttp(http)
    await server.close()
    secrets.destroy()
    await db.$disconnect()
    await Promise.all([identity.close(), sikka.close(), secretsManager.close(), database.drop()])
    await rm(folder, { recursive: true, force: true })
  }
  return {
    origin,
    db,
    databaseUrl: database.url,
    identity,
    sikka,
    log,
    readSecret: async (secretArn) => {
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))
      return JSON.parse(SecretString ?? 'null') as Record<string, unknown>
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** A signed-in person with a browser of their own: typed procedures, cookies, and the ways through Sikka's page. */
export function person(system: System, accessToken: string, browser: CookieBrowser = cookieBrowser()) {
  const client = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${system.origin}/trpc`,
        headers: { authorization: `Bearer ${accessToken}` },
        fetch: (input, init) => browser.fetch(input as URL, init as RequestInit),
      }),
    ],
  })
  return { client, browser, accessToken }
}

export type Person = ReturnType<typeof person>
