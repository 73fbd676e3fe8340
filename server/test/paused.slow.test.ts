import { afterAll, beforeAll, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { asks, attemptOf, hold, setOut, type Visit } from './harness/crash.ts'
import { lastEvents, violations, watchEndedAttempts } from './harness/invariants.ts'
import { jobsAreDue, jobsOfTheDeadComeAgain } from './harness/jobs.ts'
import { startServer, troubleInside } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { open, outcomeOf } from './harness/visit.ts'

let system: StandIns
let changedEnds: () => Promise<string[]>

beforeAll(async () => {
  system = await startStandIns(await reserveFreePort())
  changedEnds = await watchEndedAttempts(system)
})
afterAll(() => system.stop())

const statuses = async (visits: Visit[]) =>
  (await Promise.all(visits.map((visit) => attemptOf(system, visit)))).map(({ status }) => status).join()
/** every row, but for the times until which they are held */
const everything = async () => ({
  attempts: await system.db.pmsConnectionAttempt.findMany({ orderBy: { id: 'asc' }, omit: { leaseUntil: true } }),
  integrations: await system.db.pmsIntegration.findMany({ orderBy: { id: 'asc' } }),
})
const row = (accountId: string) => system.db.pmsIntegration.findFirstOrThrow({ where: { accountId } })

it('F85: a server that is stopped for longer than its leases, and wakes, changes nothing any more', async () => {
  await using sleeper = await startServer(system)
  const received = await setOut(system, sleeper, 'D05001')
  const written = await setOut(system, sleeper, 'D05002')
  const writing = await setOut(system, sleeper, 'D05003')
  const scenario = { issuedTo: 'absent', practices: 'several' } as const
  const chosen = await setOut(system, sleeper, 'D05004', { scenario })
  const refreshing = await setOut(system, sleeper, 'D05000')
  const { accountId } = refreshing
  const visits = [received, written, writing, chosen]

  const isAsking = hold(sleeper, 'asking', [
    { line: 'database', says: `SET status = 'KEYS_RECEIVED'[\\s\\S]{0,400}${received.attemptId}` },
    { line: 'database', says: `FROM active, completed[\\s\\S]{0,400}${written.attemptId}` },
    { line: 'secretsManager', says: asks('CreateSecret', writing.accountId) },
  ])
  await open(writing.person.browser, writing.callback)
  await sleeper.lines.secretsManager.struck()
  for (const { person, callback } of [refreshing, chosen, written, received]) await open(person.browser, callback)
  const { choices = [] } = await outcomeOf(chosen.person, chosen.attemptId)
  await until(async () => (await statuses([received, written])) === 'EXCHANGING,STORING')
  await until(async () => (await system.db.pmsIntegration.count()) === 1)
  const isAnswered = hold(sleeper, 'answered', [
    { line: 'sikka', says: '"grant_type":"refresh_key"' },
    { line: 'sikka', says: 'GET /v4/authorized_practices' },
  ])
  await system.makeDue(await row(accountId))
  await jobsAreDue(system, 'refresh-keys')
  const choice = { attemptId: chosen.attemptId, choiceId: choices.at(-1)?.id ?? '' }
  await chosen.person.client.pms.choosePractice.mutate(choice)
  await until(async () => isAsking() && isAnswered())
  expect(await statuses(visits)).toBe('EXCHANGING,STORING,STORING,KEYS_RECEIVED')
  sleeper.kill('SIGSTOP')

  // The lease of a refresh is longer, and is over sooner here.
  await system.db.$executeRaw`UPDATE pms_integrations SET "leaseUntil" = now() WHERE "leaseUntil" IS NOT NULL`
  await jobsOfTheDeadComeAgain(system)
  await using other = await startServer(system)
  // In its hands, but not at its end when the first one wakes.
  other.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
  await until(async () => (await statuses(visits)) === 'FAILED,COMPLETED,FAILED,KEYS_RECEIVED')
  await other.lines.sikka.struck()
  await until(async () => (await row(accountId)).generation === 2)
  const before = await everything()

  // What it said before arrives, and a secret is written for an attempt that has failed.
  for (const line of Object.values(sleeper.lines)) line.heal()
  await until(async () => (await system.secretNames()).some((name) => name.endsWith(writing.accountId)))
  sleeper.kill('SIGCONT')
  const told = (text: string) => sleeper.output().split(text).length - 1
  await until(
    () =>
      told('practice not connected') + told('practice connected') === 1 + visits.length && told('"superseded"') === 1,
  )
  expect(await everything()).toEqual(before)

  other.lines.sikka.heal()
  expect(await outcomeOf(other.here(chosen.person), chosen.attemptId)).toMatchObject({ status: 'connected' })
  await until(async () => (await violations(system)).length === 0)
  expect(await changedEnds()).toEqual([])
  const ends = await Promise.all(visits.map(({ attemptId }) => lastEvents(system, attemptId)))
  expect(ends).toEqual([['FAILED'], ['CONNECTED'], ['FAILED'], ['CONNECTED']])
  for (const { codeNumber } of visits) expect(system.sikka.calls.exchangesByCode[codeNumber]).toBe(1)
})

it('F88: an event loop that is blocked for 5 seconds is dead to whoever waits for less on /livez, and loses no attempt', async () => {
  await using server = await startServer(system, troubleInside)
  await using other = await startServer(system)
  const visit = await setOut(system, server, 'D05010')
  server.lines.sikka.set({ kind: 'hang_answer', when: visit.code })
  await open(visit.person.browser, visit.callback)
  await server.lines.sikka.struck()

  const startedAt = performance.now()
  server.kill('SIGUSR2')
  await server.printed('blocked')
  server.lines.sikka.heal()
  const isAlive = (signal?: AbortSignal) => fetch(`${server.origin}/livez`, { signal: signal ?? null })
  await expect(isAlive(AbortSignal.timeout(1_000))).rejects.toThrow('timeout')
  const { status } = await isAlive()
  const blockedFor = performance.now() - startedAt
  expect(status).toBe(200)
  expect(blockedFor).toBeGreaterThan(4_000)
  expect(blockedFor).toBeLessThan(10_000)
  expect(await outcomeOf(visit.person, visit.attemptId)).toMatchObject({ status: 'connected' })
  // By the server that had it: nobody has taken it over.
  expect(await attemptOf(system, visit)).toMatchObject({ leaseToken: 1 })
  expect(other.output()).not.toContain('left by its server')
  expect(await violations(system)).toEqual([])
})
