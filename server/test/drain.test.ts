import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { attemptOf, setOut } from './harness/crash.ts'
import { violations } from './harness/invariants.ts'
import { isReady, startServer, troubleInside } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect, open, outcomeOf } from './harness/visit.ts'

let system: StandIns

beforeAll(async () => {
  system = await startStandIns(await reserveFreePort())
})
afterAll(() => system.stop())

describe('a server that stops', () => {
  it('F89: after a rejection that nobody handles finishes what it can, says why it ends, and ends with 1', async () => {
    await using server = await startServer(system, troubleInside)
    const visit = await setOut(system, server, 'D04031', { scenario: { exchangeDelayMs: 1_000 } })
    await open(visit.person.browser, visit.callback)
    server.kill('SIGHUP')
    expect(await server.ended).toBe(1)
    expect(server.output()).toMatch(/"level":60,.*nobody handles this.*"msg":"unhandled rejection"/)
    expect(server.output()).toContain('practice connected')
    expect(await attemptOf(system, visit)).toMatchObject({ status: 'COMPLETED', leaseToken: 1 })
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
