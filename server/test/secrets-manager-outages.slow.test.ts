import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { byHand } from './harness/by-hand.ts'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { startSystems } from './harness/systems.ts'
import { choose, connect, decide, open, outcomeOf } from './harness/visit.ts'

// What takes its real time: a throttling of half a minute, three waits for an answer. So all at once.
let systems: System[] = []
beforeAll(async () => {
  systems = await startSystems(3)
  // The SDK's own pauses are a random part of a longest one; without them, ours alone have to last.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterAll(async () => {
  vi.restoreAllMocks()
  for (const { log } of systems) forbidSecrets(log)
  await Promise.all(systems.map((system) => system.stop()))
})

/** Connected, with one version written of keys that were asked for once. */
async function expectConnected(system: System, outcome: Awaited<ReturnType<typeof outcomeOf>>): Promise<void> {
  expect(outcome).toMatchObject({ status: 'connected', practiceName: 'Happy Dental Clinic' })
  const row = await system.db.pmsIntegration.findFirstOrThrow()
  using secrets = byHand(system)
  expect(await secrets.versions(row)).toEqual([row.secretVersionId])
  expect(Object.values(system.sikka.calls.exchangesByCode)).toEqual([1])
  expect(alarmsIn(system.log)).toEqual([])
}

/** Milliseconds from the callback to the end, by the database's clock. */
async function timeOf({ db }: System, id: string): Promise<number> {
  const { claimedAt, finishedAt } = await db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
  return (finishedAt?.getTime() ?? 0) - (claimedAt?.getTime() ?? 0)
}

/** Started, allowed, and come back from Sikka. */
async function comeBack(person: Person): Promise<string> {
  const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
  await open(person.browser, await decide(person.browser, authorizationUrl))
  return attemptId
}

describe.concurrent('Secrets Manager', () => {
  it('F52: that throttles for half a minute is waited for, connecting all the while; then the practice is connected', async () => {
    const [system] = systems as [System]
    const person = await system.newPerson()
    system.secretsManager.fail({ error: 'ThrottlingException' })
    const healed = sleep(30_000).then(() => system.secretsManager.heal())
    const attemptId = await comeBack(person)
    const outcome = outcomeOf(person, attemptId)
    expect(await Promise.race([healed, outcome])).toBeUndefined()
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connecting', attemptId })
    await expectConnected(system, await outcome)
    expect(await timeOf(system, attemptId), 'the page still waits').toBeLessThan(50_000)
  })

  it('F57: that takes a write and hangs is left after three tries of three seconds, and the write made again', async () => {
    const system = systems[1] as System
    const person = await system.newPerson()
    system.lines.secretsManager.set({ kind: 'hang_answer', when: 'secretsmanager\\.CreateSecret', times: 3 })
    const attemptId = await comeBack(person)
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connecting', attemptId })
    await expectConnected(system, await outcomeOf(person, attemptId))
    expect(system.lines.secretsManager.strikes).toBe(3)
    const time = await timeOf(system, attemptId)
    expect(time).toBeGreaterThan(8_900)
    expect(time).toBeLessThan(15_000)
  })

  it('F57: that hangs while the user chooses is waited for as well', async () => {
    const system = systems[2] as System
    const person = await system.newPerson()
    system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    const { outcome } = await connect(person)
    system.lines.secretsManager.set({ kind: 'hang', when: 'secretsmanager\\.GetSecretValue', times: 3 })
    await expectConnected(system, await choose(person, outcome, 'Happy Dental Clinic'))
    expect(system.lines.secretsManager.strikes).toBe(3)
  })
})

it('F56: has found Secrets Manager gone, and says so in its own code', async () => {
  await using lonely = await startSystem({ environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:9' } })
  const { outcome } = await connect(await lonely.newPerson())
  expect(outcome).toMatchObject({ status: 'failed', errorCode: 'STORAGE_UNAVAILABLE' })
  expect(await lonely.db.pmsIntegration.count()).toBe(0)
  // The attempt's own 55 seconds: one account alone opens no breaker.
}, 90_000)
