import { randomBytes, randomUUID } from 'node:crypto'
import { Prisma, type PrismaClient } from '@pms/prisma/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../sandbox/postgres/database.ts'
import { accountsIn } from '../src/store/accounts.ts'
import { expireSome, find, take } from '../src/store/attempts.ts'
import type { Attempts } from '../src/store/open-store.ts'
import { readStatuses } from '../src/store/status.ts'
import type { Store } from '../src/store/store.ts'
import { sweep, unwatched } from '../src/store/sweep.ts'
import { freshDatabase } from './harness/fresh-database.ts'
import { filling, withoutIndexes } from './harness/many-practices.ts'
import { openStores, type OpenStores } from './harness/open-stores.ts'

/** Attempts that have ended, evenly spread until now. */
const many = 1_000_000
/** so many of them more than the thirty days ago that they are kept */
const old = 12_000
/** The newest are of one account: as many as it may start in a month (5 in 10 minutes). */
const ofOne = 20_000
const secondsBetween = (29 * 24 * 60 * 60) / (many - old)

let database: Database
let db: PrismaClient
let parts: OpenStores
let attempts: Attempts
let accountId: string

beforeAll(async () => {
  database = await freshDatabase()
  parts = await openStores(database.url)
  ;({ db, attempts } = parts)
  accountId = await accountsIn(db).idOf({ issuer: 'https://auth.example.com', subject: 'busy' })
  await insertAttempts()
})

afterAll(async () => {
  await parts[Symbol.asyncDispose]()
  await database.drop()
})

async function insertAttempts(): Promise<void> {
  await withoutIndexes(database.url, ['pms_connection_attempts'], async () =>
    filling(database.url, async (client) =>
      client.query(
        `INSERT INTO pms_connection_attempts (id, "accountId", provider, status, "nonceHash", "browserHash",
           "createdAt", "expiresAt", "claimedAt", "finishedAt")
         SELECT lpad(to_hex(n), 32, '0')::uuid,
           CASE WHEN n <= ${ofOne} THEN '${accountId}' ELSE md5((n % 50000)::text)::uuid END,
           'SIKKA', (ARRAY['COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED'])[1 + n % 4]::"AttemptStatus",
           sha256(n::text::bytea), '\\x00', at, at + interval '10 minutes', at, at
         FROM generate_series(1, ${many}) n, LATERAL (
           SELECT now() - n * interval '${secondsBetween} seconds' - (n > ${many - old})::int * interval '1 day' AS at
         ) AS times`,
      ),
    ),
  )
  await filling(database.url, async (client) => {
    await client.query('ANALYZE pms_connection_attempts')
    // From now on when a test says so.
    await client.query('ALTER TABLE pms_connection_attempts SET (autovacuum_enabled = off)')
  })
}

const bytes = () => Uint8Array.from(randomBytes(32))
const claim = { to: 'CODE_RECEIVED' } as const

const newKey = () => ({ accountId, nonceHash: bytes(), browserHash: bytes() })

const manyQuestions = () =>
  Array.from({ length: 250 }, (_, index) => ({
    accountId: randomUUID(),
    attemptId: index % 2 === 0 ? undefined : randomUUID(),
  }))

async function createAttempt() {
  const key = { ...newKey(), requestId: 'request-1' }
  return { key, ...(await attempts.create({ ...key, id: randomUUID() })) }
}

/** A statement of ours, explained by PostgreSQL instead of done. */
async function planOf(statement: (store: Store) => Promise<unknown>): Promise<string> {
  const lines: string[] = []
  const explain = async (strings: TemplateStringsArray, ...values: unknown[]) => {
    const explained = Prisma.sql([`EXPLAIN ${strings[0]}`, ...strings.slice(1)], ...values)
    const rows = await db.$queryRaw<{ 'QUERY PLAN': string }[]>(explained)
    lines.push(...rows.map((row) => row['QUERY PLAN']))
    return []
  }
  const explaining = {
    $queryRaw: explain,
    $executeRaw: explain,
    $transaction: async (work: (tx: unknown) => unknown) => work(explaining),
  }
  await statement({ db: explaining, jobs: parts.jobs } as unknown as Store)
  return lines.join('\n')
}

/** Statements that are timed; the first ones, which prepare what they need, are not. */
const timed = 41
const warm = 5

/**
 * Milliseconds that the work takes by the median, beyond what an empty statement takes: that is asked in turn with it, so
 * that a machine that is busy with other tests slows both.
 */
async function medianOf(work: () => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  const empty: number[] = []
  for (let time = 0; time < warm + timed; time++) {
    const startedAt = performance.now()
    await work()
    const endedAt = performance.now()
    await db.$queryRaw`SELECT 1 AS one`
    if (time < warm) continue
    taken.push(endedAt - startedAt)
    empty.push(performance.now() - endedAt)
  }
  return median(taken) - median(empty)
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Starts that nobody comes back from, some at a time within our limits. */
async function flood(starts: number, expiresAt: string): Promise<void> {
  for (let from = 0; from < starts; from += 2_500) {
    await db.$executeRawUnsafe(`
      INSERT INTO pms_connection_attempts (id, "accountId", provider, "nonceHash", "browserHash", "expiresAt")
      SELECT gen_random_uuid(), '${accountId}', 'SIKKA', sha256(gen_random_uuid()::text::bytea), '\\x00', ${expiresAt}
      FROM generate_series(1, LEAST(2500, ${starts - from}))`)
  }
}

it.each([
  ['a claim', (on: Store) => take(on, { ...newKey(), requestId: 'request-1' }, claim), 'nonceHash_key'],
  ['why a claim was refused', (on: Store) => find(on, bytes()), 'nonceHash_key'],
  ['the status of an account', (on: Store) => readStatuses(on.db, [{ accountId, attemptId: undefined }]), ''],
  ['the status of an attempt', (on: Store) => readStatuses(on.db, [{ accountId, attemptId: randomUUID() }]), 'pkey'],
  ['the statuses of 250 that ask at once', (on: Store) => readStatuses(on.db, manyQuestions()), 'pkey'],
  ['what has expired', (on: Store) => expireSome(on), 'status_createdAt_idx'],
  ['what nobody looks after', (on: Store) => unwatched(on), 'status_createdAt_idx'],
])('F70: among a million attempts, %s is found by an index', async (_, statement, index) => {
  const plan = await planOf(statement)
  expect(plan).toContain(index)
  expect(plan).not.toContain('Seq Scan on pms')
})

it('F70: a claim takes less than 5 ms, also right after a flood of starts that no statistics know of', async () => {
  await flood(50_000, `now() + interval '10 minutes'`)
  const keys: Awaited<ReturnType<typeof createAttempt>>['key'][] = []
  for (let times = 0; times < warm + timed; times++) keys.push((await createAttempt()).key)
  const taken: unknown[] = []
  const milliseconds = await medianOf(async () => {
    const key = keys.pop()
    if (key) taken.push(await attempts.take(key, claim))
  })
  expect(taken).toHaveLength(warm + timed)
  expect(milliseconds).toBeLessThan(5)
  expect(await planOf((on) => take(on, { ...newKey(), requestId: 'request-1' }, claim))).toContain('nonceHash_key')
})

it('F70: the status of an account that has had 20,000 attempts takes less than 5 ms', async () => {
  expect(await medianOf(() => readStatuses(db, [{ accountId, attemptId: undefined }]))).toBeLessThan(5)
})

it('F70: the look-up of a status is planned once for a connection, and not at each call', async () => {
  const plans = await db.$transaction(async (tx) => {
    for (let times = 0; times < 9; times++) await readStatuses(tx, [{ accountId, attemptId: undefined }])
    return tx.$queryRaw`
      SELECT (generic_plans > 3) AS kept FROM pg_prepared_statements WHERE ltrim(statement, E' \\n') LIKE 'SELECT now()% AS now, i.status%'`
  })
  expect(plans).toEqual([{ kept: true }])
})

it('F70, AT23: the sweep ends what has expired and deletes what is old, some at a time, and nothing else', async () => {
  await flood(2_500, `now() - interval '1 second'`)
  const before = (await db.pmsConnectionAttempt.count()) - many
  const sweeps = []
  for (let times = 0; times < 4; times++) sweeps.push(await sweep(parts))
  expect(sweeps.map(({ expired }) => expired)).toEqual([1_000, 1_000, 500, 0])
  expect(sweeps.map(({ deleted }) => deleted)).toEqual([5_000, 5_000, 2_000, 0])
  expect(await db.pmsAuditEvent.count({ where: { event: 'EXPIRED' } })).toBe(2_500)
  expect(await db.pmsConnectionAttempt.count()).toBe(many - old + before)
  expect(await db.pmsConnectionAttempt.count({ where: { status: { in: ['CREATED', 'CODE_RECEIVED'] } } })).toBe(
    before - 2_500,
  )
})
