import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../sandbox/fault-proxy/start.ts'
import { connectedPerson } from './harness/connected.ts'
import { lastEvents, violations } from './harness/invariants.ts'
import { personOf, type Person } from './harness/person.ts'
import { startServer } from './harness/server-process.ts'
import { startSystem, type System } from './harness/system.ts'
import { startWorker, type Worker } from './harness/two-servers.ts'
import { decide, open, outcomeOf } from './harness/visit.ts'
import { raceToRefresh } from './sized/refresh-race.ts'

let system: System
/** to Sikka, of the first worker alone */
let line: FaultProxy
let workers: [Worker, Worker]

beforeAll(async () => {
  system = await startSystem()
  const { hostname: host, port } = new URL(system.sikka.origin)
  line = await startFaultProxy({ target: { host, port: Number(port) } })
  workers = await Promise.all([startWorker(system, { SIKKA_API_URL: line.origin }), startWorker(system)])
})
afterAll(async () => {
  for (const worker of workers) await worker[Symbol.asyncDispose]()
  await line.close()
  await system.stop()
})
beforeEach(async () => {
  line.heal()
  await system.reset()
})

const row = () => system.db.pmsIntegration.findFirstOrThrow()
const grants = () => system.sikka.calls.requestKey
const follows = async () => (await system.currentVersion(await row())) === (await row()).secretVersionId
const letLeaseEnd = () => system.db.$executeRaw`UPDATE pms_integrations SET "leaseUntil" = now()`

/** The first worker has asked Sikka for new keys; the second, after the lease of the first, gets others. */
async function overtake(): Promise<{ first: Promise<string[]>; winners: Awaited<ReturnType<typeof row>> }> {
  const { id } = await row()
  await system.makeDue({ id })
  line.set({ kind: 'hang', when: 'POST /v4/request_key', times: 1 })
  const first = workers[0].work({ refresh: id }, 25)
  await line.struck()
  expect(await workers[1].work({ refresh: id }, 25)).toEqual(Array.from({ length: 25 }, () => 'idle'))
  await letLeaseEnd()
  expect(new Set(await workers[1].work({ refresh: id }, 25))).toEqual(new Set(['refreshed']))
  return { first, winners: await row() }
}

describe('two servers that refresh', () => {
  let person: Person

  beforeEach(async () => {
    person = await connectedPerson(system)
    system.sikka.resetCalls()
  })

  it('F93, AT13, C38: 50 at once make one call to Sikka, 20 times', async () => {
    const byTheFirst = await raceToRefresh(system, workers, 20)
    // Both have tried in earnest.
    expect(byTheFirst).toBeGreaterThan(0)
    expect(byTheFirst).toBeLessThan(20)
  })

  it('F94, F85: one that was overtaken is refused with its spent key, reads again and leaves the winner’s keys in use', async () => {
    const { first, winners } = await overtake()
    line.heal()
    expect(new Set(await first)).toEqual(new Set(['superseded']))
    // The second, and the first in vain: it asks for no further keys, and has none to revoke.
    expect(grants()).toMatchObject({ refresh_key: 2, request_key: 0 })
    expect(await row()).toEqual(winners)
    expect(system.sikka.calls).toMatchObject({ deleteRequestKey: 0, deleteRefreshKey: 0 })
    await system.until(follows)
    await system.makeDue(winners)
    expect(await system.refreshKeys(winners.id)).toBe('refreshed')
    expect(grants()).toMatchObject({ refresh_key: 3, request_key: 0 })
  })

  it('F94, C39: one that was overtaken and is refused for good asks nobody to connect again', async () => {
    const { first, winners } = await overtake()
    system.sikka.setScenario({ secretKeyError: 'API2007' })
    line.heal()
    expect(new Set(await first)).toEqual(new Set(['superseded']))
    expect(grants()).toMatchObject({ refresh_key: 2, request_key: 0 })
    expect(await row()).toEqual(winners)
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
  })
})

describe('two servers that look after what a third has left', () => {
  it('F86: end each attempt once: with its keys stored it is completed, without it fails', async () => {
    await using third = await startServer(system)
    const returned: Promise<unknown>[] = []
    const begin = async (officeId: string) => {
      system.sikka.setScenario({ officeId })
      const own = third.here(await system.newPerson())
      const { attemptId, authorizationUrl } = await own.client.pms.startConnection.mutate()
      returned.push(open(own.browser, await decide(own.browser, authorizationUrl)))
      const { accountId } = await system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id: attemptId } })
      return { own, id: attemptId, accountId }
    }
    const inState = (status: 'EXCHANGING' | 'STORING') => system.db.pmsConnectionAttempt.count({ where: { status } })
    const offices = (first: number) => Array.from({ length: 5 }, (_, index) => `D${first + index}`)

    third.lines.secretsManager.set({ kind: 'hang_answer', when: 'CreateSecret' })
    const stored: Awaited<ReturnType<typeof begin>>[] = []
    for (const office of offices(30_000)) stored.push(await begin(office))
    await system.until(async () => (await inState('STORING')) === 5 && (await system.secretNames()).length === 5)
    third.lines.sikka.set({ kind: 'hang_answer', when: 'POST /v4/request_key' })
    const unanswered: typeof stored = []
    for (const office of offices(40_000)) unanswered.push(await begin(office))
    await system.until(async () => (await inState('EXCHANGING')) === 5 && third.lines.sikka.strikes === 5)
    await Promise.all(returned)
    await third.crash()
    await system.db.$executeRaw`UPDATE pms_connection_attempts SET "leaseUntil" = now() WHERE "finishedAt" IS NULL`

    const watch = [...stored, ...unanswered].map(({ id, accountId }) => ({ id, accountId }))
    await Promise.all(workers.map((worker) => worker.work({ watch }, 3)))
    const onThis = ({ accessToken, browser }: Person) => personOf(system.origin, accessToken, browser)
    for (const { own, id } of stored) {
      expect(await outcomeOf(onThis(own), id)).toMatchObject({ status: 'connected' })
      expect(await lastEvents(system, id)).toEqual(['CONNECTED'])
    }
    for (const { own, id } of unanswered) {
      expect(await outcomeOf(onThis(own), id)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
      expect(await lastEvents(system, id)).toEqual(['FAILED'])
    }
    const said = (words: string) =>
      workers.map((worker) => worker.output().split(words).length - 1).reduce((sum, count) => sum + count, 0) +
      system.log.filter((each) => each.includes(words)).length
    expect(said('an attempt was left by its server')).toBe(10)
    expect(said('recovered: the practice is connected')).toBe(5)
    expect(Object.values(system.sikka.calls.exchangesByCode)).toEqual(Array.from({ length: 10 }, () => 1))
    expect(await violations(system)).toEqual([])
  })
})
