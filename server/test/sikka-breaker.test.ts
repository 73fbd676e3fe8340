import { apiErrorText } from '@pms/shared/errors'
import { expect, it } from 'vitest'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import { movableTime } from './harness/movable-time.ts'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const unavailable = {
  message: apiErrorText.PROVIDER_UNAVAILABLE,
  data: { code: 'PROVIDER_UNAVAILABLE', httpStatus: 503, requestId: expect.stringMatching(/.+/) },
}
const exchanges = (system: System) => Object.values(system.sikka.calls.exchangesByCode)
const openings = (system: System) =>
  system.log.filter((line) => line.includes('calls are refused until it works')).length

/** Sikka fails for five practices in a row. */
async function breakCircuit(system: System): Promise<void> {
  system.sikka.setScenario({ exchangeError: 'API2001' })
  for (let attempt = 0; attempt < 5; attempt++) {
    expect((await connect(await system.newPerson())).outcome).toMatchObject({ errorCode: 'PROVIDER_UNAVAILABLE' })
  }
  system.sikka.resetScenario()
}

async function expectRefused(system: System, person: Person): Promise<void> {
  const [attempts, calls] = [await system.db.pmsConnectionAttempt.count(), structuredClone(system.sikka.calls)]
  const askedAt = performance.now()
  await expect(person.client.pms.startConnection.mutate()).rejects.toMatchObject(unavailable)
  expect(performance.now() - askedAt).toBeLessThan(1_000)
  expect(await system.db.pmsConnectionAttempt.count()).toBe(attempts)
  expect(system.sikka.calls).toEqual(calls)
  expect(person.browser.cookies('localhost')).toEqual([])
}

it('F35: after five failures nobody is sent to Sikka, and statuses go on; ten seconds later one call tries', async () => {
  using time = movableTime()
  await using system = await startSystem()
  const connected = await system.newPerson()
  await connect(connected, 'D00002')
  const person = await system.newPerson()
  await breakCircuit(system)
  await expectRefused(system, person)
  expect(await connected.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected', isConnected: true })
  const headers = { authorization: `Bearer ${person.accessToken}` }
  const plain = await fetch(`${system.origin}/api/pms/connection-status`, { headers })
  expect([plain.status, await plain.json()]).toMatchObject([200, { status: 'pending' }])
  expect((await fetch(`${system.origin}/readyz`)).status, 'degraded is not unready').toBe(200)

  time.pass(5_000)
  await expectRefused(system, person)
  time.pass(5_000)
  system.sikka.setScenario({ exchangeError: 'API2001' })
  expect((await connect(await system.newPerson())).outcome).toMatchObject({ errorCode: 'PROVIDER_UNAVAILABLE' })
  await expectRefused(system, person)
  system.sikka.resetScenario()
  time.pass(10_000)
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  await expect(connected.client.pms.startConnection.mutate()).resolves.toBeDefined()
  expect(openings(system)).toBe(1)
  expect(system.log.filter((line) => line.includes('upstream works again'))).toHaveLength(1)
  expect(exchanges(system), 'none twice').toEqual(Array.from({ length: 8 }, () => 1))
  forbidSecrets(system.log)
}, 30_000)

it('F29: who is at Sikka meanwhile comes back to an attempt that waits, its code unspent', async () => {
  using time = movableTime()
  await using system = await startSystem()
  const person = await system.newPerson()
  const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
  const callback = await decide(person.browser, authorizationUrl)
  await breakCircuit(system)
  const before = system.sikka.calls.requestKey.authorization_code
  await open(person.browser, callback)
  expect(await person.client.pms.connectionStatus.query({ attemptId })).toMatchObject({ status: 'connecting' })
  expect(system.sikka.calls.requestKey.authorization_code).toBe(before)
  time.pass(10_000)
  expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
  expect(system.sikka.calls.requestKey.authorization_code).toBe(before + 1)
}, 30_000)

it('F33, F34: what is one practice’s, or our own fault, never counts: a refusal, a daily limit, no data yet', async () => {
  await using system = await startSystem()
  for (const exchangeError of ['API2003', 'API2012', 'API1020', 'API2010', 'API2009', 'API2018', 'API2007'] as const) {
    system.sikka.setScenario({ exchangeError })
    expect((await connect(await system.newPerson())).outcome).toMatchObject({ status: 'failed' })
  }
  expect(openings(system)).toBe(0)
  system.sikka.resetScenario()
  expect((await connect(await system.newPerson())).outcome).toMatchObject({ status: 'connected' })
})

it('T10: what is one practice’s own is felt by nobody else: daily limits, no data yet, its computer off', async () => {
  await using system = await startSystem()
  for (const practicesError of ['API2011', 'API2012', 'API2010', 'API2017'] as const) {
    system.sikka.setScenario({ practicesError, rateLimitResetSeconds: 3_600 })
    const { outcome } = await connect(await system.newPerson(), 'D00002')
    expect(outcome).toMatchObject({ status: 'failed', errorCode: 'PROVIDER_UNAVAILABLE' })
    system.sikka.resetScenario()
    const startedAt = performance.now()
    const other = await system.newPerson()
    expect((await connect(other)).outcome).toMatchObject({ status: 'connected' })
    expect(performance.now() - startedAt, 'and not after a minute').toBeLessThan(20_000)
    await other.client.pms.disconnect.mutate()
  }
  expect(openings(system)).toBe(0)
})

it('T12: on a plan of three calls a window two practices that come at once both connect, their codes sent once', async () => {
  await using system = await startSystem()
  system.sikka.setScenario({ planCalls: 3, planWindowSeconds: 4 })
  const people = [await system.newPerson(), await system.newPerson(), await system.newPerson()]
  // Start all three before any call waits: a start is refused when the calls that wait already would take too long.
  const visits = await Promise.all(
    people.map(async (person, index) => {
      const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
      const callback = await decide(person.browser, authorizationUrl, { practice: `D0000${index + 1}` })
      return { person, attemptId, callback }
    }),
  )
  // The last call of this window is the third one's exchange.
  const outcomes = await Promise.all(
    visits.map(async ({ person, attemptId, callback }) => {
      await open(person.browser, callback)
      return outcomeOf(person, attemptId)
    }),
  )
  expect(outcomes.map(({ status }) => status)).toEqual(['connected', 'connected', 'connected'])
  expect(exchanges(system)).toEqual([1, 1, 1])
  expect(system.sikka.calls.overPlan, 'nothing was asked for that the plan does not allow').toBe(0)
  expect(alarmsIn(system.log)).toEqual([])
})

/** Sikka wants no calls from anybody for a minute. */
async function wantNoCalls(system: System): Promise<void> {
  system.sikka.setScenario({ exchangeError: 'API2011', errorShape: 'empty', rateLimitResetSeconds: 3_600 })
  expect((await connect(await system.newPerson())).outcome).toMatchObject({ status: 'failed' })
  system.sikka.resetScenario()
}

it('T11: while calls are held back for longer than an attempt has time nobody is sent to Sikka, and is told when', async () => {
  using time = movableTime()
  await using system = await startSystem()
  const person = await system.newPerson()
  time.hold()
  await wantNoCalls(system)
  await expectRefused(system, person)
  const refused = await fetch(`${system.origin}/trpc/pms.startConnection`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.accessToken}`, 'content-type': 'application/json' },
  })
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(5)
  // There is time enough, once it is less than an attempt has.
  time.pass(6_000)
  await expect(person.client.pms.startConnection.mutate()).resolves.toBeDefined()
})

it.each([
  ['in PostgreSQL', undefined],
  ['in this process, while PostgreSQL does not count', 'pms_limits_gone'],
])('T13: a start that was refused for Sikka’s reason is not counted %s', async (_, renamed) => {
  using time = movableTime()
  await using system = await startSystem({ environment: { LIMIT_START_PER_10_MINUTES: '2' } })
  const person = await system.newPerson()
  await breakCircuit(system)
  if (renamed) await system.db.$executeRawUnsafe(`ALTER TABLE pms_limits RENAME TO ${renamed}`)
  for (let refused = 0; refused < 7; refused++) await expectRefused(system, person)
  time.pass(10_000)
  await person.client.pms.startConnection.mutate()
  await person.client.pms.startConnection.mutate()
  await expect(person.client.pms.startConnection.mutate()).rejects.toMatchObject({
    data: { code: 'TOO_MANY_REQUESTS' },
  })
})
