import { fork, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { migrate } from '@pms/prisma/migrate'
import pg from 'pg'
import { clientId, serverEnvironment } from '../sandbox/environment.ts'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { startIdentity } from '../sandbox/identity/start.ts'
import { createDatabase } from '../sandbox/postgres/database.ts'
import { startPostgres } from '../sandbox/postgres/start.ts'
import { accountIdOf } from '../test/harness/many-practices.ts'
import { fillWithPast, subjectOf } from './practices.ts'
import type { Upstreams } from './upstreams.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A process that answers at a port. */
export interface Target extends AsyncDisposable {
  pid: number
  port: number
  /** milliseconds from its start until it was ready */
  readyAfter: number
}

/** PostgreSQL with its usual safety, and the stand-ins: what the measured processes run on. */
export interface Stage extends AsyncDisposable {
  /** A migrated database with so many practices in it. */
  database(practices: number): Promise<BenchDatabase>
  /** The production server as it is deployed, in a process of its own; its log goes to a file. */
  startServer(database: BenchDatabase): Promise<Target>
  /** comparisons.ts */
  startComparisons(database: BenchDatabase): Promise<Target>
  /** an access token of the person of practice `index` */
  tokenOf(index: number): Promise<string>
  /** how long Sikka and Secrets Manager have worked since this was last asked, milliseconds */
  upstreamsSpent(): Promise<number>
}

export interface BenchDatabase {
  url: string
  practices: number
  /** a connection that changes rows as anybody might */
  client: pg.Client
}

/** Gives the first practice a secret that exists. Without one the preflight refuses every start: it reads those stored last (S12). */
async function storeOneSecret(client: pg.Client, endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const secrets = new SecretsManagerClient({ region: 'us-east-1', endpoint, credentials })
  // A random name: a run creates several databases, and each needs a secret.
  const { ARN, VersionId } = await secrets.send(
    new CreateSecretCommand({ Name: `practice-${randomUUID()}`, SecretString: '{}' }),
  )
  secrets.destroy()
  await client.query(
    `UPDATE pms_integrations SET metadata = metadata || jsonb_build_object('secretArn', $1::text), "secretVersionId" = $2,
       "refreshDueAt" = "refreshDueAt" + interval '1 hour' WHERE id = $3`,
    [ARN, VersionId, accountIdOf(1)],
  )
}

export async function openStage(): Promise<Stage> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'pms-bench-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const postgres = cleanup.use(await startPostgres({ folder: join(folder, 'postgres'), keep: true }))
  const identity = cleanup.use(await startIdentity({ folder, clientId, accessTokenSeconds: 86_400 }))
  const upstreamsProcess = fork(join(import.meta.dirname, 'upstreams.ts'), [join(folder, 'secrets')])
  cleanup.defer(() => void upstreamsProcess.kill())
  const [upstreams] = (await once(upstreamsProcess, 'message')) as [Upstreams]
  const stateSecret = randomBytes(32).toString('base64')
  const whenDone = cleanup.move()

  async function start(file: string, port: number, env: Record<string, string>): Promise<Target> {
    const logFile = join(folder, `${port}.log`)
    const log = openSync(logFile, 'a')
    const { PATH = '', HOME = '' } = process.env
    const startedAt = performance.now()
    // Its log goes to the file by itself: nothing of it passes through whoever makes the load.
    const child = spawn(process.execPath, [file], {
      cwd: root,
      env: { PATH, HOME, NODE_ENV: 'production', ...env },
      stdio: ['ignore', log, 'inherit'],
    })
    whenDone.defer(() => stop(child))
    await ready(child, port, logFile)
    return {
      pid: child.pid ?? 0,
      port,
      readyAfter: performance.now() - startedAt,
      [Symbol.asyncDispose]: () => stop(child),
    }
  }

  return {
    async database(practices) {
      const database = await createDatabase(postgres.url)
      await migrate(database.url)
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      whenDone.defer(() => client.end())
      await fillWithPast(database.url, identity.issuer, practices)
      await storeOneSecret(client, upstreams.secretsManager.origin)
      return { url: database.url, practices, client }
    },
    async startServer({ url }) {
      const port = await reserveFreePort()
      return start('server/src/main.ts', port, {
        ...serverEnvironment({
          ...upstreams,
          origin: `http://localhost:${port}`,
          host: '127.0.0.1',
          port,
          databaseUrl: url,
          identity,
          stateSecret,
        }),
        // Counted, and out of reach.
        LIMIT_STATUS_PER_MINUTE: '1000000',
        LIMIT_START_PER_10_MINUTES: '1000000',
        LIMIT_CALLBACK_PER_MINUTE: '1000000',
      })
    },
    async startComparisons({ url }) {
      const port = await reserveFreePort()
      return start('server/bench/comparisons.ts', port, {
        PORT: String(port),
        DATABASE_URL: url,
        AUTH_ISSUER: identity.issuer,
        AUTH_CLIENT_ID: clientId,
        AUTH_JWKS_URL: identity.jwksUrl,
      })
    },
    tokenOf: (index) => identity.issueToken({ sub: subjectOf(index) }),
    async upstreamsSpent() {
      upstreamsProcess.send('spent')
      return ((await once(upstreamsProcess, 'message')) as [number])[0]
    },
    [Symbol.asyncDispose]: () => whenDone.disposeAsync(),
  }
}

/** Longest start, milliseconds. */
const patience = 30_000

async function ready(child: ChildProcess, port: number, logFile: string): Promise<void> {
  const giveUpAt = performance.now() + patience
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok, status }) => ok || status === 404,
      () => false,
    )
    if (isReady) return
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      throw new Error(`A process did not become ready:\n${readFileSync(logFile, 'utf8')}`)
    }
    await sleep(5)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(kill)
}
