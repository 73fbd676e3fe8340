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
import * as z from 'zod'
import { application, clientId, serverEnvironment } from '../../sandbox/environment.ts'
import { startFaultProxy, type FaultProxy } from '../../sandbox/fault-proxy/start.ts'
import { startIdentity, type Identity } from '../../sandbox/identity/start.ts'
import { startSecretsManager, type SecretsManagerSandbox } from '../../sandbox/secrets-manager/start.ts'
import { startSikka, type Sikka } from '../../sandbox/sikka/start.ts'
import { freshDatabase } from './fresh-database.ts'
import { forgetOffices } from './office-owners.ts'
import { personOf, type Person } from './person.ts'

/** All that a server at a port needs, and a way to look into it. */
export interface StandIns {
  origin: string
  /** the server's environment: contract section 3 and the AWS SDK's own */
  variables: Record<string, string>
  db: PrismaClient
  databaseUrl: string
  identity: Identity
  sikka: Sikka
  secretsManager: SecretsManagerSandbox
  /** what the server reaches its surroundings through, to be broken; this object itself goes round them */
  lines: { database: FaultProxy; sikka: FaultProxy; secretsManager: FaultProxy }
  /** a person whom nobody has seen before, signed in, with a browser of their own */
  newPerson: () => Promise<Person>
  /** the keys that a row points to, as a service that needs them reads them */
  readSecret: (row: { metadata: unknown } | undefined) => Promise<Record<string, unknown>>
  /** the names of the secrets that do not wait for their deletion */
  secretNames: () => Promise<string[]>
  /** the version that whoever reads the secret gets */
  currentVersion: (row: { metadata: unknown }) => Promise<string | undefined>
  /** their refresh is due now */
  makeDue: (row: { id: string }) => Promise<void>
  /** no integration, no secret, no scenario, no call counted */
  reset: () => Promise<void>
  /** the database is gone, in the middle of it all */
  dropDatabase: () => Promise<void>
  stop: () => Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Starts the stand-ins, on free ports and with a database of their own, for a server at that port. */
export async function startStandIns(port: number): Promise<StandIns> {
  const folder = await mkdtemp(join(tmpdir(), 'pms-system-'))
  const database = await freshDatabase()
  const [identity, sikka, secretsManager] = await Promise.all([
    startIdentity({ folder, clientId }),
    startSikka({ ...application, redirectUris: 'loopback' }),
    startSecretsManager({ folder: join(folder, 'secrets') }),
  ])
  const inFrontOf = (url: string): Promise<FaultProxy> => {
    const { hostname, port: targetPort } = new URL(url)
    return startFaultProxy({ target: { host: hostname, port: Number(targetPort) } })
  }
  const [databaseLine, sikkaLine, secretsManagerLine] = await Promise.all(
    [database.url, sikka.origin, secretsManager.origin].map(inFrontOf),
  )
  if (!databaseLine || !sikkaLine || !secretsManagerLine) throw new Error('A line was not opened')
  const lines = { database: databaseLine, sikka: sikkaLine, secretsManager: secretsManagerLine }
  const proxiedDatabase = new URL(database.url)
  proxiedDatabase.hostname = '127.0.0.1'
  proxiedDatabase.port = String(lines.database.port)
  const origin = `http://localhost:${port}`
  const variables = {
    ...serverEnvironment({
      origin,
      host: '127.0.0.1',
      port,
      databaseUrl: proxiedDatabase.href,
      identity,
      sikka: { origin: lines.sikka.origin, authorizationPage: sikka.authorizationPage },
      secretsManager: lines.secretsManager,
      stateSecret: randomBytes(32).toString('base64'),
    }),
    LIMIT_STATUS_PER_MINUTE: '0',
    LIMIT_START_PER_10_MINUTES: '0',
    LIMIT_CALLBACK_PER_MINUTE: '0',
  }
  const db = openDatabase(database.url)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const secrets = new SecretsManagerClient({ region: 'us-east-1', endpoint: secretsManager.origin, credentials })
  const secretNames = async (): Promise<string[]> => {
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }))
    return SecretList.flatMap(({ Name }) => (Name === undefined ? [] : [Name]))
  }
  const getSecret = (metadata: unknown) => {
    const { secretArn } = z.object({ secretArn: z.string() }).parse(metadata)
    return secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))
  }
  const stop = async (): Promise<void> => {
    secrets.destroy()
    await db.$disconnect()
    await Promise.all(Object.values(lines).map((line) => line.close()))
    await Promise.all([identity.close(), sikka.close(), secretsManager.close(), database.drop()])
    await rm(folder, { recursive: true, force: true })
  }
  return {
    origin,
    variables,
    db,
    databaseUrl: database.url,
    identity,
    sikka,
    secretsManager,
    lines,
    newPerson: async () => personOf(origin, await identity.issueToken({ sub: randomUUID() })),
    readSecret: async (row) =>
      JSON.parse((await getSecret(row?.metadata)).SecretString ?? 'null') as Record<string, unknown>,
    currentVersion: async (row) => (await getSecret(row.metadata)).VersionId,
    makeDue: async ({ id }) => {
      // A moment ago: the column's whole milliseconds may lie after this very microsecond.
      await db.$executeRaw`
        UPDATE pms_integrations SET "refreshDueAt" = now() - interval '1 millisecond' WHERE id = ${id}::uuid`
    },
    secretNames,
    reset: async () => {
      for (const line of Object.values(lines)) line.heal()
      secretsManager.heal()
      sikka.resetScenario()
      // What an earlier test has left to be done would count in this one.
      await db.$executeRaw`DELETE FROM pgboss.job WHERE state IN ('created', 'retry')`
      for (;;) {
        const active = await db.$queryRaw<unknown[]>`SELECT 1 FROM pgboss.job WHERE state = 'active' LIMIT 1`
        if (active.length === 0) break
        await sleep(10)
      }
      sikka.resetCalls()
      await db.pmsIntegration.deleteMany()
      await db.pmsAbandonedSecret.deleteMany()
      await forgetOffices(db)
      for (const SecretId of await secretNames()) {
        await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))
      }
    },
    dropDatabase: () => database.drop(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
