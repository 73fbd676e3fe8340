import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { connectionErrorText } from '@pms/shared/errors'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import { movableTime, type MovableTime } from './harness/movable-time.ts'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

let time: MovableTime
let system: System
let connected: Person

beforeAll(async () => {
  time = movableTime()
  system = await startSystem()
})
afterAll(async () => {
  await system.stop()
  time[Symbol.dispose]()
})
beforeEach(async () => {
  time.pass(10_000)
  await system.reset()
  connected = await system.newPerson()
  await connect(connected, 'D00002')
  await system.finishWork()
})
afterEach(() => {
  forbidSecrets(system.log)
})

const status = (person: Person) => person.client.pms.connectionStatus.query()
const openings = () => system.log.filter((line) => line.includes('calls are refused until it works')).length

/** Each comes back from Sikka with a practice, and is held there. @returns the first one's attempt */
async function heldAtList(...people: Person[]): Promise<string> {
  system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
  const attempts: string[] = []
  for (const [index, person] of people.entries()) {
    if (index > 0) system.sikka.setScenario({ officeId: `D2000${index}` })
    const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
    await open(person.browser, await decide(person.browser, authorizationUrl))
    attempts.push(attemptId)
  }
  await system.until(async () => system.lines.sikka.strikes >= people.length)
  return attempts[0] ?? ''
}

/** Five calls in a row of three people fail, who have come back from Sikka and were held there. */
const circuitBreaks = () => system.until(async () => openings() > 0)

it.each([
  ['is cut off', () => system.lines.secretsManager.set({ kind: 'cut' })],
  ['resets', () => system.lines.secretsManager.set({ kind: 'reset' })],
])(
  'F56: while it %s nobody is sent to Sikka, statuses are answered, and what was begun waits and completes',
  async (_, fail) => {
    const person = await system.newPerson()
    const other = await system.newPerson()
    const attemptId = await heldAtList(person, await system.newPerson(), await system.newPerson())
    fail()
    system.lines.sikka.heal()
    await circuitBreaks()

    const attempts = await system.db.pmsConnectionAttempt.count()
    await expect(other.client.pms.startConnection.mutate()).rejects.toMatchObject({
      data: { code: 'PROVIDER_UNAVAILABLE', httpStatus: 503 },
    })
    expect(await system.db.pmsConnectionAttempt.count()).toBe(attempts)
    expect(await status(connected)).toMatchObject({ status: 'connected', practiceName: 'Maple Street Dental' })
    expect(await status(other)).toMatchObject({ status: 'pending' })
    expect((await fetch(`${system.origin}/readyz`)).status).toBe(200)
    await system.until(async () => (await status(person)).step === 'practice_found')

    system.lines.secretsManager.heal()
    time.pass(10_000)
    expect(await outcomeOf(person, attemptId)).toMatchObject({
      status: 'connected',
      practiceName: 'Happy Dental Clinic',
    })
    expect(Object.values(system.sikka.calls.exchangesByCode)).toEqual([1, 1, 1, 1])
    expect(openings()).toBe(1)
    await expect(other.client.pms.startConnection.mutate()).resolves.toBeDefined()
  },
)

it('T8, T9: one account’s secret that cannot be reached, in person and in the background, holds up nobody', async () => {
  const person = await system.newPerson()
  await heldAtList(person)
  const secret = (await system.secretNames())[0] ?? ''
  system.lines.secretsManager.set({ kind: 'reset', when: secret })
  system.lines.sikka.heal()
  const { id } = await system.db.pmsIntegration.findFirstOrThrow({ where: { officeId: 'D00002' } })
  await system.makeDue({ id })
  for (let refresh = 0; refresh < 6; refresh++) {
    await expect(system.refreshKeys(id)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  }
  expect(openings()).toBe(0)
  await expect(person.client.pms.startConnection.mutate()).resolves.toBeDefined()
})

it.each([
  ['between two tries', () => system.lines.secretsManager.set({ kind: 'cut' })],
  ['during one', () => system.lines.secretsManager.set({ kind: 'hang' })],
])(
  'F57: an attempt whose time is over %s says that it is the store of the keys, and somebody is called',
  async (_, fail) => {
    // Its time, 55 seconds, made shorter.
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) =>
      timeout(milliseconds === 55_000 ? 2_800 : milliseconds),
    )
    const person = await system.newPerson()
    const attemptId = await heldAtList(person)
    vi.restoreAllMocks()
    fail()
    system.lines.sikka.heal()
    expect(await outcomeOf(person, attemptId)).toMatchObject({
      status: 'failed',
      errorCode: 'STORAGE_UNAVAILABLE',
      error: connectionErrorText.STORAGE_UNAVAILABLE,
    })
    expect(alarmsIn(system.log)).toMatchObject([{ msg: 'practice not connected', errorCode: 'STORAGE_UNAVAILABLE' }])
    await system.finishWork()
    const { deleteRequestKey, deleteRefreshKey } = system.sikka.calls
    expect([deleteRequestKey, deleteRefreshKey], 'its keys are let go of').toEqual([1, 1])
    expect(await status(connected)).toMatchObject({ status: 'connected' })
  },
)
