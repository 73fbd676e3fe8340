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

/** Five calls in a row that fail: refreshes of the connected practice. */
async function breakCircuit(): Promise<void> {
  const { id } = await system.db.pmsIntegration.findFirstOrThrow({ where: { officeId: 'D00002' } })
  await system.makeDue({ id })
  while (openings() === 0) await expect(system.refreshKeys(id)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
}

/** Come back from Sikka, and held there. */
async function heldAtList(person: Person): Promise<string> {
  system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
  const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
  await open(person.browser, await decide(person.browser, authorizationUrl))
  await system.lines.sikka.struck()
  return attemptId
}

it.each([
  ['is cut off', () => system.lines.secretsManager.set({ kind: 'cut' })],
  ['resets', () => system.lines.secretsManager.set({ kind: 'reset' })],
])(
  'F56: while it %s nobody is sent to Sikka, statuses are answered, and what was begun waits and completes',
  async (_, fail) => {
    const person = await system.newPerson()
    const other = await system.newPerson()
    const attemptId = await heldAtList(person)
    fail()
    await breakCircuit()
    system.lines.sikka.heal()

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
    expect(Object.values(system.sikka.calls.exchangesByCode)).toEqual([1, 1])
    expect(openings()).toBe(1)
    await expect(other.client.pms.startConnection.mutate()).resolves.toBeDefined()
  },
)

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
