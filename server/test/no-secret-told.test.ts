import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byHand } from './harness/by-hand.ts'
import { secretsIn } from './harness/log-lines.ts'
import { allRows, overhear, type Overheard } from './harness/overheard.ts'
import { personOf, type Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { choose, connect, decide, open } from './harness/visit.ts'

let system: System
let person: Person
let heard: Overheard

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.stop())
beforeEach(async () => {
  await system.reset()
  heard = overhear()
  person = await newPerson()
})

async function newPerson(): Promise<Person> {
  const accessToken = await system.identity.issueToken({ sub: randomUUID() })
  heard.own.add(accessToken)
  return personOf(system.origin, accessToken, heard.browser(system.origin))
}

/** Keys, codes, tokens, states and cookies, by the place where they are told; also where one is stored as its bytes. */
async function toldIn(logged: string): Promise<Record<string, string[]>> {
  await system.finishWork()
  const log = system.log.join('\n')
  expect(log).toContain(logged)
  expect(heard.answers.length).toBeGreaterThan(1)
  expect([heard.own.size > 3, [...heard.own].every((secret) => secret.length > 40)]).toEqual([true, true])
  const places = { log, rows: await allRows(system), answers: heard.answers.join('\n') }
  return Object.fromEntries(Object.entries(places).map(([place, text]) => [place, heard.toldIn(text)]))
}

const nothing = { log: [], rows: [], answers: [] }

const row = () => system.db.pmsIntegration.findFirstOrThrow()

it('what is looked for would be found', async () => {
  const { callback } = await connect(person)
  const { refreshKey, requestKey, secretKey } = await system.readSecret(await row())
  const { code, state } = Object.fromEntries(new URL(callback).searchParams)
  expect(secretsIn([refreshKey, requestKey, secretKey, code, 'key_demo_0001'].join(' '))).toHaveLength(5)
  expect([...heard.own].map((secret) => decodeURIComponent(secret))).toContain(state)
  expect(person.browser.cookies('localhost').map((cookie) => cookie.split('=')[1])).toEqual([[...heard.own].at(-3)])
})

describe('I8, C25: no code, key, token, state or cookie is in log, database and answers', () => {
  it.each([
    ['the code is refused', { code: 'refuse' }],
    ['our own key is refused', { exchangeError: 'API2003' }],
    ['the exchange is answered with HTML', { exchangeAnswer: 'html' }],
    ['the exchange is answered with half a grant', { exchangeAnswer: 'truncated' }],
    ['the exchange is answered with something else', { exchangeAnswer: 'wrong_type' }],
    ['the exchange is answered without a key', { exchangeAnswer: 'missing_request_key' }],
    ['the exchange is answered with a redirect', { exchangeAnswer: 'redirect' }],
    ['the list is answered with half of it', { practicesAnswer: 'truncated' }],
    ['the list is refused', { practicesError: 'API2004' }],
    ['the list lacks the secret key', { secretKey: 'absent' }],
    ['no practice is listed', { practices: 'none' }],
  ] as const)('when %s', async (_, scenario) => {
    system.sikka.setScenario(scenario)
    expect((await connect(person)).outcome).toMatchObject({ status: 'failed' })
    expect(await toldIn('practice not connected')).toEqual(nothing)
  })

  it.each([
    ['Sikka', 'sikka', 'POST /v4/request_key', 'practice not connected'],
    ['Secrets Manager', 'secretsManager', 'CreateSecret', 'practice connected'],
    ['the database', 'database', "SET status = 'STORING'", 'practice connected'],
  ] as const)('when %s breaks the line in its answer', async (_, line, when, logged) => {
    system.lines[line].set({ kind: 'limit', bytes: 20, when, times: 1 })
    await connect(person)
    expect(system.lines[line].strikes).toBe(1)
    expect(await toldIn(logged)).toEqual(nothing)
  })

  it('when the callback is denied, forged, repeated, of another browser, or of a browser without its cookie', async () => {
    const { authorizationUrl } = await person.client.pms.startConnection.mutate()
    const callback = await decide(person.browser, authorizationUrl)
    await open(heard.browser(system.origin), callback)
    await open(person.browser, `${callback}x`)
    await open(person.browser, `${callback}&code=again`)
    await open(person.browser, callback)
    await open(person.browser, callback)
    const denied = (await person.client.pms.startConnection.mutate()).authorizationUrl
    await open(person.browser, await decide(person.browser, denied, { decision: 'deny' }))
    expect(await toldIn('callback refused')).toEqual(nothing)
  })

  it.each(['AccessDeniedException', 'EncryptionFailure'])(
    'when Secrets Manager refuses to store: %s',
    async (error) => {
      system.secretsManager.fail({ operation: 'CreateSecret', error })
      expect((await connect(person)).outcome).toMatchObject({ status: 'failed', errorCode: 'CONFIG' })
      expect(await toldIn('practice not connected')).toEqual(nothing)
    },
  )

  it('when the practice is another account’s', async () => {
    await connect(person)
    person = await newPerson()
    expect((await connect(person)).outcome).toMatchObject({ errorCode: 'CONFLICT' })
    expect(await toldIn('practice not connected')).toEqual(nothing)
  })

  it('when the user chooses, and when not', async () => {
    system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    const given = await connect(person)
    await system.db
      .$executeRaw`UPDATE pms_connection_attempts SET "deadline" = now() WHERE id = ${given.attemptId}::uuid`
    await system.watch(given.attemptId)
    await choose(person, (await connect(person)).outcome, 'Happy Dental Clinic')
    expect(await toldIn('practice connected')).toEqual(nothing)
  })

  it.each([
    ['works', {}, 'refreshed'],
    ['needs the secret key', { refreshError: 'API2007' }, 'refreshed'],
    ['is refused', { refreshError: 'API2007', secretKeyError: 'API2007' }, 'reconnect'],
  ] as const)('when a refresh %s', async (_, scenario, outcome) => {
    await connect(person)
    await system.makeDue(await row())
    system.sikka.setScenario(scenario)
    expect(await system.refreshKeys((await row()).id)).toBe(outcome)
    expect(await toldIn('keys refreshed')).toEqual(nothing)
  })

  it('when a refresh finds keys that somebody has edited', async () => {
    await connect(person)
    const keys = JSON.stringify(await system.readSecret(await row()))
    using hand = byHand(system)
    const secretVersionId = await hand.put(await row(), keys.replace('"officeId"', '"office"'), 'AWSCURRENT')
    await system.db.pmsIntegration.updateMany({ data: { secretVersionId } })
    await system.makeDue(await row())
    expect(await system.refreshKeys((await row()).id)).toBe('reconnect')
    expect(await toldIn('KEYS_UNREADABLE')).toEqual(nothing)
  })

  it('when a disconnect cannot revoke', async () => {
    await connect(person)
    // What still looks after the new secret would meet the error in the job's place.
    await system.finishWork()
    system.sikka.setScenario({ revocationError: 'API2006', errorFor: 'first_call' })
    await person.client.pms.disconnect.mutate()
    await system.until(async () => (await system.secretNames()).length === 0)
    expect(await toldIn('a job failed and comes again')).toEqual(nothing)
  })

  it('when a procedure breaks, and when nobody is signed in', async () => {
    await connect(person)
    await person.client.pms.history.query()
    await person.browser.fetch(
      `${system.origin}/trpc/pms.history?input=%7B%22cursor%22:%22${[...heard.own][0]}%22%7D`,
      {
        headers: { authorization: `Bearer ${person.accessToken}` },
      },
    )
    await person.browser.fetch(`${system.origin}/trpc/pms.history`, {
      headers: { authorization: `Bearer ${person.accessToken}x` },
    })
    await system.db.$executeRaw`ALTER TABLE pms_integrations RENAME COLUMN "connectedAt" TO "test"`
    await expect(person.client.pms.connectionStatus.query()).rejects.toThrow('Something went wrong')
    await system.db.$executeRaw`ALTER TABLE pms_integrations RENAME COLUMN "test" TO "connectedAt"`
    expect(await toldIn('procedure failed')).toEqual(nothing)
  })
})
