import { connectionErrorText } from '@pms/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import type { Person } from './harness/person.ts'
import type { System } from './harness/system.ts'
import { startSystems } from './harness/systems.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

// What takes its real time: the limit of a call, the patience of an exchange. So all at once.
let systems: System[] = []
beforeAll(async () => {
  systems = await startSystems(4)
})
afterAll(async () => {
  for (const { log } of systems) forbidSecrets(log)
  await Promise.all(systems.map((system) => system.stop()))
})

const failed = {
  status: 'failed',
  errorCode: 'PROVIDER_UNAVAILABLE',
  error: connectionErrorText.PROVIDER_UNAVAILABLE,
}
const exchanges = ({ sikka }: System) => Object.values(sikka.calls.exchangesByCode)

/** Started, allowed, and come back from Sikka. */
async function comeBack(person: Person): Promise<string> {
  const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
  await open(person.browser, await decide(person.browser, authorizationUrl))
  return attemptId
}

/** Milliseconds from the callback to the end, by the database's clock. */
async function timeOf({ db }: System, id: string): Promise<number> {
  const { claimedAt, finishedAt } = await db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
  return (finishedAt?.getTime() ?? 0) - (claimedAt?.getTime() ?? 0)
}

async function expectConnects(system: System, person: Person): Promise<void> {
  system.lines.sikka.heal()
  system.sikka.resetScenario()
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
}

describe.concurrent('Sikka', () => {
  it('F29: where nobody listens fails the attempt after some 20 seconds, the code unspent; nobody new is sent there', async () => {
    const [system] = systems as [System]
    const person = await system.newPerson()
    const other = await system.newPerson()
    system.lines.sikka.set({ kind: 'cut' })
    const attemptId = await comeBack(person)
    // One account alone opens no breaker (T9).
    for (const one of [await system.newPerson(), await system.newPerson()]) await comeBack(one)
    await system.until(async () => system.log.some((line) => line.includes('calls are refused until it works')))
    await expect(other.client.pms.startConnection.mutate()).rejects.toMatchObject({
      data: { code: 'PROVIDER_UNAVAILABLE', httpStatus: 503 },
    })
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connecting', attemptId })
    expect(await other.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
    expect(await outcomeOf(person, attemptId)).toMatchObject(failed)
    const time = await timeOf(system, attemptId)
    expect(time).toBeGreaterThan(15_000)
    expect(time).toBeLessThan(30_000)
    expect(exchanges(system)).toEqual([])
    expect(await system.db.pmsAuditEvent.count({ where: { attemptId, event: 'FAILED' } })).toBe(1)
    expect(alarmsIn(system.log).map(({ msg }) => msg)).toEqual(['procedure failed'])
  })

  it.each([
    ['takes the exchange and never answers', 1, { kind: 'hang_answer', when: 'POST /v4/request_key' }, [1]],
    ['does not even read the exchange', 2, { kind: 'hang', when: 'POST /v4/request_key' }, []],
  ] as const)('F30: that %s is left after ten seconds, and not asked again', async (_, index, fault, exchanged) => {
    const system = systems[index] as System
    const person = await system.newPerson()
    system.lines.sikka.set(fault)
    const attemptId = await comeBack(person)
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connecting', step: 'authorized' })
    expect(await outcomeOf(person, attemptId)).toMatchObject(failed)
    const time = await timeOf(system, attemptId)
    expect(time).toBeGreaterThan(9_900)
    expect(time).toBeLessThan(13_000)
    expect(system.lines.sikka.strikes).toBe(1)
    expect(exchanges(system)).toEqual(exchanged)
    await expectConnects(system, person)
    // The line has passed on by now what it withheld.
    expect(exchanges(system)).toEqual([1, 1])
  })

  it('F30: that does not answer for the list once is asked for it again, and the practice is connected', async () => {
    const system = systems[3] as System
    const person = await system.newPerson()
    system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices', times: 1 })
    const attemptId = await comeBack(person)
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
    const time = await timeOf(system, attemptId)
    expect(time).toBeGreaterThan(9_900)
    expect(time).toBeLessThan(13_000)
    expect(system.sikka.calls.authorizedPractices).toBe(2)
    expect(exchanges(system)).toEqual([1])
  })
})
