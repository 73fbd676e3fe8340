import { describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { connect } from './harness/visit.ts'

const on = stage()

describe('when keys are due', () => {
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
