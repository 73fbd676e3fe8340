import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { openDatabase, type PrismaClient } from '@pms/prisma/client'
import { createTRPCClient, httpLink } from '@trpc/client'
import { pino } from 'pino'
import * as z from 'zod'
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
  /** a person whom nobody has seen before, signed in, with a browser of their own */
  newPerson: () => Promise<Person>
  /** the keys that a row points to, as a service that needs them reads them */
  readSecret: (row: { metadata: unknown } | undefined) => Promise<Record<string, unknown>>
  secretNames: () => Promise<string[]>
  /** waits until something is so; the test's own time limit ends it */
  until: (isSo: () => Promise<boolean>) => Promise<void>
  /** no integration, no secret, no scenario, no call counted */
  reset: () => Promise<void>
  /** the database is gone, in the middle of it all */
  dropDatabase: () => Promise<void>
  startDraining: () => void
  stop: () => Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * @param environment further variables of contract section 3, or others than the sandbox's
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
  const variables = {
    ...serverEnvironment({
      origin: `http://localhost:${port}`,
      host: '127.0.0.1',
      port,
      databaseUrl: database.url,
      identity,
      sikka,
      secretsManager,
      stateSecret: randomBytes(32).toString('base64'),
    }),
    LIMIT_STATUS_PER_MINUTE: '0',
    LIMIT_START_PER_10_MINUTES: '0',
    LIMIT_CALLBACK_PER_MINUTE: '0',
    ...environment,
  }
  // The AWS SDK reads its own variables itself; the server reads nothing but what it is given.
  for (const [name, value] of Object.entries(variables)) if (name.startsWith('AWS_')) process.env[name] = value
  const log: string[] = []
  const server = compose(readEnvironment(variables), {
    log: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    practiceDelays,
  })
  attach(http, server)
  await server.checkReady()

  const origin = `http://localhost:${port}`
  const db = openDatabase(database.url)
  const secrets = new SecretsManagerClient({ region: 'us-east-1', endpoint: secretsManager.origin })
  const secretNames = async (): Promise<string[]> => {
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }))
    return SecretList.flatMap(({ Name }) => (Name === undefined ? [] : [Name]))
  }
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
    newPerson: async () => personOf(origin, await identity.issueToken({ sub: randomUUID() })),
    readSecret: async (row) => {
      const { secretArn } = z.object({ secretArn: z.string() }).parse(row?.metadata)
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))
      return JSON.parse(SecretString ?? 'null') as Record<string, unknown>
    },
    secretNames,
    until: async (isSo) => {
      while (!(await isSo())) await sleep(10)
    },
    reset: async () => {
      sikka.resetScenario()
      sikka.resetCalls()
      log.length = 0
      await db.pmsIntegration.deleteMany()
      for (const SecretId of await secretNames()) {
        await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))
      }
    },
    dropDatabase: () => database.drop(),
    startDraining: server.startDraining,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** A signed-in person: typed procedures through a browser of their own. */
export function personOf(origin: string, accessToken: string, browser: CookieBrowser = cookieBrowser()) {
  const client = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${origin}/trpc`,
        headers: { authorization: `Bearer ${accessToken}` },
        fetch: (input, init) => browser.fetch(input as URL, init as RequestInit),
      }),
    ],
  })
  return { client, browser, accessToken }
}

export type Person = ReturnType<typeof personOf>
