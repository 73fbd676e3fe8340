import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { asks, attemptOf, setOut } from './harness/crash.ts'
import { lastEvents, violations } from './harness/invariants.ts'
import { databaseTime, isReady, startServer, troubleInside, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { open, outcomeOf } from './harness/visit.ts'

let system: StandIns
/** beside those that stop */
let other: ServerProcess

beforeAll(async () => {
  system = await startStandIns(await reserveFreePort())
  other = await startServer(system)
})
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await system.stop()
})

/** whether a server's question for jobs is on its way */
async function looksForJobsNow(): Promise<boolean> {
  const busy = await system.db.$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'pms-jobs' AND state <> 'idle'`
  return busy.length > 0
}

// Twenty seconds pass that nobody can shorten, so they pass for both at once.
describe.concurrent('a server that stops and cannot finish', () => {
  it.each([
    ['F83: on SIGTERM', 'SIGTERM', 0],
    ['F89: after a rejection that nobody handles', 'SIGHUP', 1],
  ] as const)(
    '%s, with Sikka and Secrets Manager hanging, hands back what it cannot finish',
    async (_, signal, code) => {
      await using server = await startServer(system, troubleInside)
      const office = signal === 'SIGTERM' ? 'D0401' : 'D0402'
      const finding = await setOut(system, server, `${office}1`)
      const writing = await setOut(system, server, `${office}2`)
      server.lines.secretsManager.set({ kind: 'hang_answer', when: asks('CreateSecret', writing.accountId) })
      await open(writing.person.browser, writing.callback)
      await server.lines.secretsManager.struck()
      server.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
      await open(finding.person.browser, finding.callback)
      await server.lines.sikka.struck()
      const { revision } = await finding.person.client.pms.connectionStatus.query()
      const held = finding.person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 25 })
      expect(await isReady(server)).toBe(true)
      const looksForJobs = { kind: 'hang', when: 'SKIP LOCKED' } as const
      server.lines.database.set(looksForJobs)
      await server.lines.database.struck()
      server.lines.database.heal()

      const askedAt = await databaseTime(system)
      server.kill(signal)
      expect(await held).toMatchObject({ status: 'connecting', attemptId: finding.attemptId })
      expect(await isReady(server)).toBe(false)
      expect((await databaseTime(system)) - askedAt).toBeLessThan(3_000)
      // What it had asked for when it was told to stop is answered.
      // Six queues share three connections, so a poll may still wait for its turn: none for a while.
      let looksWithout = 0
      await until(async () => {
        looksWithout = (await looksForJobsNow()) ? 0 : looksWithout + 1
        return looksWithout === 30
      })
      server.lines.database.set(looksForJobs)
      // Once more is heard, and changes nothing.
      server.kill('SIGTERM')
      expect(await server.ended).toBe(code)
      const endedAt = await databaseTime(system)
      expect(endedAt - askedAt).toBeGreaterThan(19_000)
      expect(endedAt - askedAt).toBeLessThan(25_000)
      expect(server.output()).toContain('"stopped"')
      expect(server.lines.database.strikes).toBe(0)

      expect(await outcomeOf(other.here(finding.person), finding.attemptId)).toMatchObject({ errorCode: 'INTERRUPTED' })
      expect(await outcomeOf(other.here(writing.person), writing.attemptId)).toMatchObject({ status: 'connected' })
      for (const [visit, event] of [
        [finding, 'FAILED'],
        [writing, 'CONNECTED'],
      ] as const) {
        const { finishedAt, leaseToken } = await attemptOf(system, visit)
        // Not while the other one still worked on it, and not as late as its lease would have allowed.
        expect((finishedAt?.getTime() ?? 0) - askedAt).toBeGreaterThan(19_000)
        expect((finishedAt?.getTime() ?? 0) - askedAt).toBeLessThan(25_000)
        expect(leaseToken).toBe(2)
        expect(await lastEvents(system, visit.attemptId)).toEqual([event])
        expect(system.sikka.calls.exchangesByCode[visit.codeNumber]).toBe(1)
      }
    },
  )
})

it('leaves nothing that must not be', async () => {
  await until(async () => (await violations(system)).length === 0)
  expect(await violations(system)).toEqual([])
})
