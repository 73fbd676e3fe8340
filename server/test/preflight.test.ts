import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { alarmsIn } from './harness/log-lines.ts'
import { movableTime, type MovableTime } from './harness/movable-time.ts'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { connect } from './harness/visit.ts'

let time: MovableTime
let system: System
let person: Person

beforeAll(async () => {
  time = movableTime()
  system = await startSystem()
})
afterAll(async () => {
  await system.stop()
  time[Symbol.dispose]()
})
beforeEach(async () => {
  await system.reset()
  person = await system.newPerson()
})

const start = () => person.client.pms.startConnection.mutate()
const readyz = async () => {
  const response = await fetch(`${system.origin}/readyz`)
  return [response.status, await response.text()]
}
const exchanges = () => system.sikka.calls.requestKey.authorization_code
const refused = { data: { code: 'PROVIDER_UNAVAILABLE', httpStatus: 503 } }

/** The settings become wrong after they were found right: the first consent shows it. */
async function firstIsLost(): Promise<void> {
  expect((await connect(person)).outcome).toMatchObject({ status: 'failed', errorCode: 'CONFIG' })
  await system.finishWork()
}

describe('S12: while Secrets Manager refuses us', () => {
  it.each([
    ['the role', { error: 'AccessDeniedException' }],
    ['the credentials', { error: 'ExpiredTokenException' }],
    ['the key that encrypts', { error: 'DecryptionFailure' }],
  ])('for %s, no consent is spent; well again as soon as it is mended', async (_, script) => {
    system.secretsManager.fail(script)
    await firstIsLost()
    const spent = exchanges()
    for (let press = 0; press < 3; press++) await expect(start()).rejects.toMatchObject(refused)
    expect(exchanges()).toBe(spent)
    expect(await readyz(), 'traffic may come, and nothing says why').toEqual([200, 'degraded'])
    const alarms = alarmsIn(system.log).filter(({ msg }) => msg.includes('preflight'))
    expect(await system.metrics()).toContain('pms_preflight_ok{check="secrets_manager"} 0')
    expect(alarms, 'one line an outage').toMatchObject([
      { check: 'secrets_manager', msg: expect.stringContaining('AWS_REGION') },
    ])

    system.secretsManager.heal()
    expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
    expect(await readyz()).toEqual([200, 'ready'])
    expect(await system.metrics()).toContain('pms_preflight_ok{check="secrets_manager"} 1')
    expect(system.log.join('')).toContain('preflight passes again')
  })

  it('S11: in another region than the practices’ secrets, no consent is spent and nobody turns ERROR', async () => {
    await connect(person)
    await system.finishWork()
    const { metadata } = await system.db.pmsIntegration.findFirstOrThrow()
    const names = metadata as { secretArn: string }
    const move = (secretArn: string) =>
      system.db.pmsIntegration.updateMany({ data: { metadata: { ...names, secretArn } } })
    await move(names.secretArn.replace('us-east-1', 'eu-west-1'))
    // The regular check finds it.
    time.pass(600_000)
    await system.until(async () => (await readyz())[1] === 'degraded')
    await expect(start()).rejects.toMatchObject(refused)
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
    await move(names.secretArn)
    await expect(start()).resolves.toBeDefined()
  })

  it('is no verdict that it is away: the breaker looks after that', async () => {
    system.secretsManager.fail({ error: 'InternalServiceError' })
    time.pass(600_000)
    await system.until(async () => (await readyz())[1] === 'degraded')
    await expect(start()).resolves.toBeDefined()
    expect(alarmsIn(system.log)).toEqual([])
    system.secretsManager.heal()
    time.pass(60_000)
    await system.until(async () => (await readyz())[1] === 'ready')
  })
})

describe('S12: while Sikka refuses the application', () => {
  it.each(['unknown', 'not_allowed'] as const)(
    'as %s, no consent is spent; well again within a minute',
    async (application) => {
      system.sikka.setScenario({ application })
      time.pass(60_000)
      await firstIsLost()
      const calls = system.sikka.calls.dataSyncStatus
      for (let press = 0; press < 5; press++) await expect(start()).rejects.toMatchObject(refused)
      expect(system.sikka.calls.dataSyncStatus, 'a plan of 5 calls a minute is not eaten').toBe(calls)
      expect(await readyz()).toEqual([200, 'degraded'])
      expect(alarmsIn(system.log)).toContainEqual(
        expect.objectContaining({ check: 'sikka', msg: expect.stringContaining('SIKKA_APP_KEY') }),
      )
      system.sikka.resetScenario()
      time.pass(15_000)
      expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
      expect(await readyz()).toEqual([200, 'ready'])
    },
  )
})

it('S12: settings that are wrong from the start are known before anybody is sent to Sikka', async () => {
  await using other = await startSystem({ environment: { SIKKA_APP_KEY: 'key_demo_0002' } })
  const somebody = await other.newPerson()
  await expect(somebody.client.pms.startConnection.mutate()).rejects.toMatchObject(refused)
  expect(other.sikka.calls).toMatchObject({ dataSyncStatus: 1, requestKey: { authorization_code: 0 } })
  expect(await (await fetch(`${other.origin}/readyz`)).text()).toBe('degraded')
})

it('X1: the metrics tell how refreshes and attempts end, each from 0, and what is so now', async () => {
  const count = async (series: string) =>
    Number(new RegExp(`^${series} (\\d+)$`, 'm').exec(await system.metrics())?.[1])
  expect(await count('pms_key_refreshes_total{outcome="reconnect"}')).toBe(0)
  expect(await count('pms_connection_attempts_ended_total{outcome="CONFLICT"}')).toBe(0)
  await connect(person)
  const refreshed = await count('pms_key_refreshes_total{outcome="refreshed"}')
  const row = await system.db.pmsIntegration.findFirstOrThrow()
  await system.makeDue(row)
  expect(await system.refreshKeys(row.id)).toBe('refreshed')
  expect(await count('pms_key_refreshes_total{outcome="refreshed"}')).toBe(refreshed + 1)
  for (const series of [
    'pms_preflight_ok{check="sikka"}',
    'pms_preflight_ok{check="sign_in"}',
    'pms_upstream_available{upstream="sikka"}',
    'pms_upstream_available{upstream="secrets_manager"}',
    'pms_change_notices_listening',
  ]) {
    expect(`${series} ${await count(series)}`).toBe(`${series} 1`)
  }
  expect(await count('pms_database_connections{state="waiting"}')).toBe(0)
})
