import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { application } from '../sandbox/environment.ts'
import { reserveFreePort } from '../sandbox/free-port.ts'
import type { Scenario } from '../sandbox/sikka/scenario.ts'
import { jobsAreDue } from './harness/jobs.ts'
import { allRows, formsOf, overhear } from './harness/overheard.ts'
import { personOf, type Person } from './harness/person.ts'
import { startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { choose, connect, decide, open } from './harness/visit.ts'

/** What the server is given, and nobody else; each is found nowhere else in the world. */
const given = {
  AWS_SECRET_ACCESS_KEY: `canary-aws-${randomUUID()}`,
  AWS_SESSION_TOKEN: `canary-session-${randomUUID()}`,
}

let system: StandIns
let server: ServerProcess
let metricsPort: number
const heard = overhear()

beforeAll(async () => {
  system = await startStandIns(await reserveFreePort())
  metricsPort = await reserveFreePort()
  server = await startServer(system, { ...given, LOG_LEVEL: 'trace', METRICS_PORT: String(metricsPort) })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await system.stop()
})

async function newPerson(): Promise<Person> {
  const accessToken = await system.identity.issueToken({ sub: randomUUID(), email: 'alex@example.com' })
  heard.own.add(accessToken)
  return personOf(server.origin, accessToken, heard.browser(server.origin))
}

const rowOf = async (person: Person) => {
  const { accountId } = await person.client.account.current.query()
  return system.db.pmsIntegration.findFirstOrThrow({ where: { accountId } })
}

/** One attempt of somebody new, while Sikka behaves so. */
async function connectWhile(scenario: Partial<Scenario>, practice?: string): Promise<void> {
  system.sikka.setScenario(scenario)
  await connect(await newPerson(), practice)
  system.sikka.resetScenario()
}

const refreshNow = async (person: Person, scenario: Partial<Scenario> = {}) => {
  const before = await rowOf(person)
  system.sikka.setScenario(scenario)
  await system.makeDue(before)
  await jobsAreDue(system, 'refresh-keys')
  await until(async () => {
    const { status, secretVersionId } = await rowOf(person)
    return status !== before.status || secretVersionId !== before.secretVersionId
  })
  system.sikka.resetScenario()
}

/** Every way that keys, codes, states, cookies and tokens go, those that fail included. */
const paths: [string, () => Promise<unknown>][] = [
  [
    'connected, refreshed by each of the two ways, refused, reconnected, replaced, disconnected',
    async () => {
      const person = await newPerson()
      await connect(person, 'D00001')
      await refreshNow(person)
      await refreshNow(person, { refreshError: 'API2007' })
      await refreshNow(person, { refreshError: 'API2007', secretKeyError: 'API2007' })
      await connect(person, 'D00001')
      await choose(person, (await connect(person, 'D00002')).outcome, 'Maple Street Dental')
      const { attemptId } = await connect(person, 'D00003')
      await person.client.pms.declineChoice.mutate({ attemptId })
      await person.client.pms.history.query()
      await person.client.pms.disconnect.mutate()
      await until(async () => (await system.secretNames()).length === 0)
    },
  ],
  [
    'refused by Sikka in each of its ways',
    async () => {
      for (const scenario of [
        { code: 'refuse' },
        { exchangeError: 'API2003' },
        { exchangeAnswer: 'html' },
        { exchangeAnswer: 'truncated' },
        { exchangeAnswer: 'redirect' },
        { exchangeAnswer: 'missing_request_key' },
        { practicesAnswer: 'truncated' },
        { practicesError: 'API2004' },
        { practices: 'none' },
        { secretKey: 'absent' },
        { expiresIn: 'garbage' },
      ] as Partial<Scenario>[])
        await connectWhile(scenario)
    },
  ],
  ['of another account', () => connectWhile({ officeId: 'D00001' }).then(() => connectWhile({ officeId: 'D00001' }))],
  [
    'denied, forged, repeated, in another browser, twice in one query, too long, too late',
    async () => {
      const person = await newPerson()
      const start = async (decision: 'allow' | 'deny' = 'allow') =>
        decide(person.browser, (await person.client.pms.startConnection.mutate()).authorizationUrl, { decision })
      await open(person.browser, await start('deny'))
      const callback = await start()
      await open(heard.browser(server.origin), callback)
      for (const more of ['x', '&code=again', `&padding=${'x'.repeat(9_000)}`])
        await open(person.browser, callback + more)
      await system.db.$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE status = 'CREATED'`
      await open(person.browser, callback)
      const again = await start()
      await open(person.browser, again)
      await open(person.browser, again)
    },
  ],
  [
    'while Secrets Manager refuses, and while each line breaks in an answer',
    async () => {
      for (const error of ['AccessDeniedException', 'EncryptionFailure']) {
        system.secretsManager.fail({ operation: 'CreateSecret', error })
        await connectWhile({ officeId: 'D00002' })
        system.secretsManager.heal()
      }
      for (const [line, when] of [
        ['sikka', 'POST /v4/request_key'],
        ['secretsManager', 'CreateSecret'],
        ['database', "SET status = 'STORING'"],
      ] as const) {
        server.lines[line].set({ kind: 'limit', bytes: 20, when, times: 1 })
        await connectWhile({ officeId: 'D00002' })
        server.lines[line].heal()
      }
    },
  ],
  [
    'with a token that is none, and through a procedure that breaks',
    async () => {
      const { accessToken, browser, client } = await newPerson()
      for (const authorization of [`Bearer ${accessToken}x`, `bearer  ${accessToken}`, accessToken]) {
        for (const path of [
          '/trpc/pms.history',
          '/api/pms/connection-status',
          `/trpc/${accessToken}`,
          `/${accessToken}`,
        ]) {
          await browser.fetch(`${server.origin}${path}?state=${accessToken}`, { headers: { authorization } })
        }
      }
      await system.db.$executeRaw`ALTER TABLE pms_integrations RENAME COLUMN "connectedAt" TO "test"`
      await client.pms.connectionStatus.query().catch(() => undefined)
      await system.db.$executeRaw`ALTER TABLE pms_integrations RENAME COLUMN "test" TO "connectedAt"`
    },
  ],
  [
    'after a crash in the middle',
    async () => {
      const person = await newPerson()
      const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
      server.lines.secretsManager.set({ kind: 'hang_answer', when: 'CreateSecret' })
      const callback = await decide(person.browser, authorizationUrl, { practice: 'D00003' })
      await open(person.browser, callback)
      await server.lines.secretsManager.struck()
      server.kill('SIGTERM')
      server.lines.secretsManager.heal()
      await server.ended
      expect(attemptId).not.toBe('')
    },
  ],
]

it('F110, C25: after every path there is, no secret is anywhere but where it belongs', async () => {
  let metrics = ''
  for (const [name, goThrough] of paths) {
    if (name.startsWith('after a crash'))
      metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    await goThrough()
  }
  const places = {
    log: server.output(),
    rows: await allRows(system),
    answers: heard.answers.join('\n'),
    metrics,
  }
  // Each place has been written to, and by what it is searched for.
  expect(places.log).toMatch(/practice connected[^]*keys refreshed[^]*practice not connected[^]*"stopped"/)
  expect(places.rows).toMatch(/RECONNECT_REQUIRED[^]*DISCONNECTED/)
  expect(places.answers).toContain('Maple Street Dental')
  expect(metrics).toContain('pms_connection_attempts_ended_total')
  expect(system.sikka.calls.requestKey.refresh_key).toBeGreaterThan(0)
  expect(heard.own.size).toBeGreaterThan(60)

  const ofServer = { ...given, key: application.appKey, ...secretsOf(system.variables) }
  for (const [place, text] of Object.entries(places)) {
    expect([place, ...heard.toldIn(text)]).toEqual([place])
    for (const [name, secret] of Object.entries(ofServer)) {
      expect([place, name, formsOf(secret).some((form) => text.includes(form))]).toEqual([place, name, false])
    }
  }
  // The same search finds what is there.
  for (const secret of [...heard.own, ...Object.values(ofServer)]) {
    expect(formsOf(secret).some((form) => `(${Buffer.from(secret).toString('hex')})`.includes(form))).toBe(true)
  }
  expect(heard.toldIn('requestkeydemo000001 codedemo000001')).toHaveLength(2)
  // Three attempts ask for the list as long as they have time (A1).
}, 300_000)

function secretsOf(variables: Record<string, string>): Record<string, string> {
  const password = decodeURIComponent(new URL(variables['DATABASE_URL'] ?? '').password)
  return { STATE_SECRET: variables['STATE_SECRET'] ?? '', ...(password.length >= 12 ? { password } : {}) }
}
