import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { activate } from '../src/store/sql/integrations.ts'
import { openStores } from './harness/open-stores.ts'
import { stage } from './harness/stage.ts'
import { connect } from './harness/visit.ts'

const on = stage()

const day = 24 * 60 * 60 * 1000

/** Practices that are connected within a moment, with keys that end within that minute; by the statement that does it. */
async function connectMany(count: number, endsAt: number): Promise<void> {
  const accounts = Array.from({ length: count }, (_, index) => ({ id: randomUUID(), officeId: `D${10_000 + index}` }))
  await on.system.db.account.createMany({
    data: accounts.map(({ id }) => ({ id, issuer: 'https://auth.example.com', subject: id })),
  })
  const common = { provider: 'SIKKA', status: 'STORING', claimedAt: new Date(), browserHash: Buffer.of() } as const
  await on.system.db.pmsConnectionAttempt.createMany({
    data: accounts.map(({ id, officeId }) => ({ ...common, id, accountId: id, officeId, nonceHash: Buffer.from(id) })),
  })
  await using stores = await openStores(on.system.databaseUrl)
  const todo = accounts.values()
  const connectTheRest = async (): Promise<void> => {
    for (const { id, officeId } of todo) {
      const attempt = { id, leaseToken: 0, accountId: id, requestId: undefined }
      await activate(stores.statements, stores.jobs, randomUUID(), attempt, {
        officeId,
        metadata: { secretArn: 'arn:demo', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix' },
        secretVersionId: randomUUID(),
        isSettled: true,
        tokenExpiresAt: new Date(endsAt + Math.random() * 60_000),
      })
    }
  }
  // As many at once as the pool has connections; they share the one list.
  await Promise.all(Array.from({ length: 10 }, connectTheRest))
}

describe('when keys are due', () => {
  it('F102: 10,000 that end within a minute are due at 75 to 85 % of their life, evenly, 20 a second at most', async () => {
    await connectMany(10_000, Date.now() + day)
    const [life] = await on.system.db.$queryRaw<{ least: number; most: number; rows: number }[]>`
      SELECT min(part) AS least, max(part) AS most, count(part)::int AS rows FROM (
        SELECT EXTRACT(epoch FROM "refreshDueAt" - "connectedAt")::float
          / EXTRACT(epoch FROM "tokenExpiresAt" - "connectedAt")::float AS part FROM pms_integrations
      ) AS parts`
    expect(life?.rows).toBe(10_000)
    // Times are whole milliseconds.
    expect(life?.least).toBeGreaterThanOrEqual(0.75 - 1e-6)
    expect(life?.most).toBeLessThanOrEqual(0.85 + 1e-6)

    const tenths = await on.system.db.$queryRaw<{ rows: number }[]>`
      SELECT count(*)::int AS rows FROM pms_integrations
      GROUP BY floor((EXTRACT(epoch FROM "refreshDueAt" - "connectedAt")
        / EXTRACT(epoch FROM "tokenExpiresAt" - "connectedAt") - 0.75) * 100)
      ORDER BY rows`
    expect(tenths).toHaveLength(10)
    // Each 1,000, give or take six times the 30 that chance makes of it.
    expect(tenths.at(0)?.rows).toBeGreaterThan(800)
    expect(tenths.at(-1)?.rows).toBeLessThan(1_200)

    const [rush] = await on.system.db.$queryRaw<{ due: number; ending: number }[]>`
      SELECT
        (SELECT max(n)::int FROM (SELECT count(*) AS n FROM pms_integrations
          GROUP BY date_trunc('second', "refreshDueAt")) AS seconds) AS due,
        (SELECT max(n)::int FROM (SELECT count(*) AS n FROM pms_integrations
          GROUP BY date_trunc('second', "tokenExpiresAt")) AS seconds) AS ending`
    expect(rush?.due).toBeLessThanOrEqual(20)
    // So it would be without the spread.
    expect(rush?.ending).toBeGreaterThan(100)
  })

  it.each([
    ['a life too short to be worked with', { lifetimeSeconds: 5 }, 30, 31],
    ['a life of an hour', { lifetimeSeconds: 3_600 }, 2_690, 3_061],
    ['a life that Sikka does not say, taken for an hour', { expiresIn: 'missing' }, 2_690, 3_061],
    ['a life of a month', { lifetimeSeconds: 2_592_000 }, 1_943_990, 2_203_201],
  ] as const)('%s', async (_, scenario, least, most) => {
    on.system.sikka.setScenario(scenario)
    await connect(await on.system.newPerson())
    const dueIn = async () => {
      const { connectedAt, refreshDueAt, createdAt } = await on.system.db.pmsIntegration.findFirstOrThrow()
      expect(connectedAt).toEqual(createdAt)
      return ((refreshDueAt?.getTime() ?? 0) - connectedAt.getTime()) / 1000
    }
    expect(await dueIn()).toBeGreaterThanOrEqual(least)
    expect(await dueIn()).toBeLessThanOrEqual(most)
  })
})

describe('after an outage that has made everything due', () => {
  it('F102: a server takes five a second, each once, though nobody but the sweep looks after them', async () => {
    const count = 25
    for (let index = 0; index < count; index++) {
      on.system.sikka.setScenario({ officeId: `D${20_000 + index}` })
      expect((await connect(await on.system.newPerson())).outcome).toMatchObject({ status: 'connected' })
    }
    on.system.sikka.resetCalls()
    await on.system.db.$executeRaw`DELETE FROM pgboss.job WHERE name = 'refresh-keys'`
    await on.system.db.$executeRaw`UPDATE pms_integrations SET "refreshDueAt" = now() - interval '2 hours'`
    await on.system.sweep()
    await on.system.sweep()
    const refreshed = () => on.system.db.pmsIntegration.count({ where: { generation: 2 } })
    await on.system.until(async () => (await refreshed()) === count)

    // Each of five workers lets a second, less a tenth, pass between two jobs.
    const [taken] = await on.system.db.$queryRaw<{ jobs: number; most: number; took: number }[]>`
      SELECT count(*)::int AS jobs, max(n)::int AS most,
        EXTRACT(epoch FROM max(started_on) - min(started_on))::float AS took
      FROM (
        SELECT started_on,
          count(*) OVER (ORDER BY started_on RANGE BETWEEN interval '850 milliseconds' PRECEDING AND CURRENT ROW) AS n
        FROM pgboss.job WHERE name = 'refresh-keys' AND started_on IS NOT NULL
      ) AS seconds`
    expect(taken).toMatchObject({ jobs: count })
    expect(taken?.most).toBeLessThanOrEqual(5)
    expect(taken?.took).toBeGreaterThan((count / 5 - 1) * 0.9 - 0.5)
    expect(on.system.sikka.calls.requestKey).toMatchObject({ refresh_key: count, request_key: 0 })
    const [writes] = await on.system.db.$queryRaw<{ most: number }[]>`
      SELECT max(n)::int AS most FROM (
        SELECT count(*) OVER (ORDER BY at RANGE BETWEEN interval '850 milliseconds' PRECEDING AND CURRENT ROW) AS n
        FROM pms_audit_events WHERE event = 'REFRESHED'
      ) AS seconds`
    // Each is a new version and a moved label.
    expect((writes?.most ?? Infinity) * 2).toBeLessThanOrEqual(20)
  })
})
