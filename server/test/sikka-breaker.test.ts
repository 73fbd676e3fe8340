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

/** Sikka fails five times in a row. */
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

  time.pass(9_000)
  await expectRefused(system, person)
  time.pass(1_000)
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

it('F34: a list that is wanted later than we can wait fails; the keys are kept until they can be revoked', async () => {
  using time = movableTime()
  await using system = await startSystem()
  const person = await system.newPerson()
  system.sikka.setScenario({ practicesError: 'API2011', rateLimitResetSeconds: 45 })
  const { attemptId, outcome } = await connect(person)
  expect(outcome).toMatchObject({ status: 'failed', errorCode: 'PROVIDER_UNAVAILABLE' })
  await system.finishWork()
  expect(system.sikka.calls).toMatchObject({ authorizedPractices: 1, deleteRequestKey: 0, deleteRefreshKey: 0 })
  expect(await system.secretNames()).toEqual([`parlae/pms/sikka/attempts/${attemptId}`])
  system.sikka.resetScenario()
  time.pass(45_000)
  await system.until(async () => {
    // A job that has failed meanwhile would come again in some seconds.
    await system.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'`
    return (await system.secretNames()).length === 0
  })
  const { deleteRequestKey, deleteRefreshKey } = system.sikka.calls
  expect(Math.min(deleteRequestKey, deleteRefreshKey), 'each key at least once').toBeGreaterThan(0)
  expect(alarmsIn(system.log)).toEqual([])
  forbidSecrets(system.log)
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
})
