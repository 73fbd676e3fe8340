import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../sandbox/fault-proxy/start.ts'
import { sweep as sweepIn } from '../src/store/sweep.ts'
import { freshDatabase } from './harness/fresh-database.ts'
import { accountIdSql, filling, fillPractices } from './harness/many-practices.ts'
import { openStores, type OpenStores } from './harness/open-stores.ts'

/** The sweep over a database of its own, through a line that can be slow. No server takes its jobs. */
let url: string
let line: FaultProxy
let stores: OpenStores
let drop: () => Promise<void>

beforeAll(async () => {
  const database = await freshDatabase()
  url = database.url
  drop = () => database.drop()
  const { hostname: host, port } = new URL(url)
  line = await startFaultProxy({ target: { host, port: Number(port) } })
  const proxied = new URL(url)
  proxied.host = `127.0.0.1:${line.port}`
  stores = await openStores(proxied.href)
})
afterAll(async () => {
  line.heal()
  await stores[Symbol.asyncDispose]()
  await line.close()
  await drop()
})
beforeEach(async () => {
  line.heal()
  await stores.db.$executeRaw`DELETE FROM pgboss.job`
  await filling(url, async (client) => {
    await client.query('DELETE FROM pms_connection_attempts')
    await client.query('DELETE FROM pms_integrations')
    await client.query('DELETE FROM pms_abandoned_secrets')
    await client.query('DELETE FROM accounts')
  })
})

const sweep = () => sweepIn(stores)

async function sent(kind: string): Promise<number> {
  const [row] = await stores.db.$queryRaw<{ jobs: number }[]>`
    SELECT count(*)::int AS jobs FROM pgboss.job WHERE name = ${kind}`
  return row?.jobs ?? 0
}

const abandon = (count: number) =>
  filling(url, async (client) =>
    client.query(
      `INSERT INTO pms_abandoned_secrets ("accountId", "attemptId") SELECT ${accountIdSql}, ${accountIdSql}
       FROM generate_series(1, ${count}) n`,
    ),
  )

/** Attempts in that status whose time was over long ago. */
const leave = (count: number, status: string) =>
  filling(url, async (client) =>
    client.query(
      `INSERT INTO pms_connection_attempts (id, "accountId", provider, status, "nonceHash", "browserHash", "claimedAt",
         "leaseUntil", "deadline")
       SELECT ${accountIdSql}, ${accountIdSql}, 'SIKKA', $1::"AttemptStatus", sha256(n::text::bytea), '', now(),
         now() - interval '1 minute', now() - interval '1 minute' FROM generate_series(1, ${count}) n`,
      [status],
    ),
  )

it('S14: a thousand rows at 4 ms a round trip are looked after by one sweep', async () => {
  await abandon(1_000)
  await leave(1_000, 'CODE_RECEIVED')
  line.set({ kind: 'latency', milliseconds: 4 })
  const begun = performance.now()
  expect(await sweep()).toMatchObject({ abandoned: 1_000, unwatched: 1_000 })
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect([await sent('settle-secret'), await sent('release-grant'), await sent('watch-attempt')]).toEqual([
    1_000, 1_000, 1_000,
  ])
  expect(await stores.db.pmsAbandonedSecret.count()).toBe(0)
})

it('S14: a part that fails is told, and costs the others nothing', async () => {
  await abandon(1_000)
  await stores.db.$executeRaw`
    CREATE FUNCTION test_fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD."accountId" = '00000000-0000-4000-8000-000000000300' THEN RAISE EXCEPTION 'scripted'; END IF;
      RETURN OLD;
    END
    $$`
  await stores.db.$executeRaw`
    CREATE TRIGGER test_fail BEFORE DELETE ON pms_abandoned_secrets FOR EACH ROW EXECUTE FUNCTION test_fail()`
  try {
    await leave(10, 'STORING')
    const failure: unknown = await sweep().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AggregateError)
    expect((failure as AggregateError).errors).toMatchObject([{ message: 'The sweep of what is abandoned failed' }])
    expect(await stores.db.pmsAbandonedSecret.count()).toBe(200)
    expect([await sent('settle-secret'), await sent('watch-attempt')]).toEqual([800, 10])
  } finally {
    await stores.db.$executeRaw`DROP FUNCTION test_fail CASCADE`
  }
  expect(await sweep()).toMatchObject({ abandoned: 200 })
})

it('S10: what a deleted row knew of its secret goes with the job', async () => {
  await fillPractices(url, { practices: 1 })
  await stores.db.account.deleteMany()
  await sweep()
  expect(await stores.db.$queryRaw`SELECT data FROM pgboss.job WHERE name = 'settle-secret'`).toEqual([
    {
      data: {
        accountId: '00000000-0000-4000-8000-000000000001',
        secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:practice-1',
      },
    },
  ])
})

it('S6: choices whose time is over are looked at again', async () => {
  await leave(3, 'CHOOSING')
  expect(await sweep()).toMatchObject({ unwatched: 3 })
  expect(await sent('watch-attempt')).toBe(3)
})

describe('keys whose refresh', () => {
  const overdue = () =>
    filling(url, async (client) =>
      client.query(`UPDATE pms_integrations SET "refreshDueAt" = now() - interval '2 hours'`),
    )

  it('S17: is overdue get one job an hour, however often it is swept', async () => {
    await fillPractices(url, { practices: 25 })
    await overdue()
    for (let times = 0; times < 5; times++) await sweep()
    expect(await sent('refresh-keys')).toBe(25)
  })

  it('S11: is overdue are all found: a hundred that fail for good hide no other', async () => {
    await fillPractices(url, { practices: 150 })
    await overdue()
    // Those that it takes by chance; one that is never taken in 40 times is one in a hundred thousand runs of all time.
    for (let times = 0; times < 40; times++) await sweep()
    expect(await sent('refresh-keys')).toBe(150)
  })

  it('F87: nobody has planned is planned, with its job', async () => {
    await fillPractices(url, { practices: 450 })
    await filling(url, async (client) => client.query('UPDATE pms_integrations SET "refreshDueAt" = NULL'))
    expect(await sweep()).toMatchObject({ planned: 450 })
    expect(await sweep()).toMatchObject({ planned: 0 })
    expect(await sent('refresh-keys')).toBe(450)
  })
})
