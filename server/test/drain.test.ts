import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { asks, setOut, type Visit } from './harness/crash.ts'
import { lastEvents, violations } from './harness/invariants.ts'
import { databaseTime, startServer, troubleInside, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect, open, outcomeOf } from './harness/visit.ts'

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

const attempt = ({ attemptId: id }: Visit) => system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
/** whether a server's question for jobs is on its way */
async function looksForJobsNow(): Promise<boolean> {
  const busy = await system.db.$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'pms-jobs' AND state <> 'idle'`
  return busy.length > 0
}

/** to a balancer, which asks on a new connection each time */
const isReady = ({ origin }: ServerProcess) =>
  fetch(`${origin}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )

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
        const { finishedAt, leaseToken } = await attempt(visit)
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

describe('a server that stops', () => {
  it('F89: after a rejection that nobody handles finishes what it can, says why it ends, and ends with 1', async () => {
    await using server = await startServer(system, troubleInside)
    const visit = await setOut(system, server, 'D04031', { scenario: { exchangeDelayMs: 1_000 } })
    await open(visit.person.browser, visit.callback)
    server.kill('SIGHUP')
    expect(await server.ended).toBe(1)
    expect(server.output()).toMatch(/"level":60,.*nobody handles this.*"msg":"unhandled rejection"/)
    expect(server.output()).toContain('practice connected')
    expect(await attempt(visit)).toMatchObject({ status: 'COMPLETED', leaseToken: 1 })
  })

  it('F82: is not ready at once, also for a balancer that has a connection to it', async () => {
    await using server = await startServer(system)
    const { port, hostname } = new URL(server.origin)
    const person = server.here(await system.newPerson())
    await person.client.account.current.query()
    const speak = (text: string) => {
      const connection = connectTcp(Number(port), hostname)
      const heard = { text: '' }
      connection.setEncoding('utf8').on('data', (answer: string) => (heard.text += answer))
      connection.write(text)
      return { heard, say: (more: string) => connection.write(more) }
    }
    // A request in progress keeps it up: its body is not complete.
    const asked = speak(
      `POST /trpc/pms.choosePractice HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${person.accessToken}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{',
    )
    // One question, and the beginning of the next, so that this connection is not idle when the server stops.
    const question = 'GET /readyz HTTP/1.1\r\nHost: localhost\r\n'
    const balancer = speak(`${question}\r\n${question}`)
    await until(() => balancer.heard.text.endsWith('ready'))
    expect(balancer.heard.text).toMatch(/^HTTP\/1.1 200 /)
    balancer.heard.text = ''
    server.kill('SIGTERM')
    await server.printed('"stopping"')
    balancer.say('\r\n')
    await until(() => balancer.heard.text.endsWith('not ready'))
    expect(balancer.heard.text).toMatch(/^HTTP\/1.1 503 /)
    expect(await isReady(server)).toBe(false)
    asked.say('}')
    await until(() => asked.heard.text.includes('BAD_REQUEST'))
    expect(await server.ended).toBe(0)
  })

  it('S4: is not ready for DRAIN_DELAY_SECONDS while it serves everything, and closes at once when it is told again', async () => {
    await using server = await startServer(system, { DRAIN_DELAY_SECONDS: '600' })
    const person = server.here(await system.newPerson())
    const { revision } = await person.client.pms.connectionStatus.query()
    let isAnswered = false
    const held = person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 25 }).finally(() => {
      isAnswered = true
    })
    server.kill('SIGTERM')
    await until(async () => !(await isReady(server)))
    // Each on a connection of its own, as new clients come.
    const ask = async (path: string) => (await fetch(server.origin + path, { headers: { connection: 'close' } })).status
    expect([await ask('/readyz'), await ask('/livez'), await ask('/'), isAnswered]).toEqual([503, 200, 200, false])
    const visit = await setOut(system, server, 'D04041')
    await open(visit.person.browser, visit.callback)
    expect(await outcomeOf(visit.person, visit.attemptId)).toMatchObject({ status: 'connected' })
    server.kill('SIGTERM')
    expect(await held).toMatchObject({ status: 'pending' })
    expect(await server.ended).toBe(0)
  })

  it.each([
    ['SIGTERM', 1_000, 6_000],
    ['SIGINT', 0, 1_000],
  ] as const)('S4: by %s closes after its delay, Ctrl-C at once', async (signal, least, most) => {
    await using server = await startServer(system, { DRAIN_DELAY_SECONDS: signal === 'SIGTERM' ? '1' : '600' })
    const askedAt = performance.now()
    server.kill(signal)
    expect(await server.ended).toBe(0)
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(least)
    expect(performance.now() - askedAt).toBeLessThan(most + 4_000)
  })

  it('F82: finishes a job that it has begun', async () => {
    await using own = await startStandIns(await reserveFreePort())
    await using server = await startServer(own)
    const person = server.here(await own.newPerson())
    await connect(person)
    const row = () => own.db.pmsIntegration.findFirstOrThrow()
    const before = await row()
    server.lines.sikka.set({ kind: 'hang_answer', when: 'refresh_key' })
    await own.makeDue(before)
    await own.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE name = 'refresh-keys'`
    await server.lines.sikka.struck()
    server.kill('SIGTERM')
    await server.printed('"stopping"')
    server.lines.sikka.heal()
    expect(await server.ended).toBe(0)
    expect(await row()).toMatchObject({ generation: before.generation + 1, leaseUntil: null })
  })

  it('leaves nothing that must not be', async () => {
    await until(async () => (await violations(system)).length === 0)
    expect(await violations(system)).toEqual([])
  })
})
