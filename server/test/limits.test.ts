import { beforeEach, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { lookUp } from './harness/asking.ts'
import { cookieBrowser } from './harness/browser.ts'
import { startServer } from './harness/server-process.ts'
import { stage } from './harness/stage.ts'
import { startSystem } from './harness/system.ts'
import { decide, open, outcomeOf } from './harness/visit.ts'

/** of each procedure in a minute: more than the starts of any test */
const calls = 8
const environment = {
  LIMIT_STATUS_PER_MINUTE: String(calls),
  LIMIT_START_PER_10_MINUTES: '2',
  LIMIT_CALLBACK_PER_MINUTE: '3',
}
const tooMany = { data: { code: 'TOO_MANY_REQUESTS', httpStatus: 429 } }

const on = stage({ environment })

beforeEach(async () => {
  await on.system.db.pmsConnectionAttempt.deleteMany()
})

const start = (who = on.person) => who.client.pms.startConnection.mutate()
const status = (who = on.person) => who.client.pms.connectionStatus.query()
const get = (path: string, headers = {}) => fetch(`${on.system.origin}${path}`, { redirect: 'manual', headers })
const signedIn = () => ({ authorization: `Bearer ${on.person.accessToken}` })
const secondsLeft = (response: Response) => Number(response.headers.get('retry-after'))

const failures = (log: string) => log.match(/the database cannot count starts/g)?.length ?? 0

describe('calls', () => {
  it('F13: are counted by account and procedure, and a 429 says when to ask again', async () => {
    for (let call = 0; call < calls; call++) await status()
    await expect(status()).rejects.toMatchObject(tooMany)
    for (const path of ['/trpc/pms.connectionStatus', '/api/pms/connection-status']) {
      const refused = await get(path, signedIn())
      expect(refused.status).toBe(429)
      expect(secondsLeft(refused)).toBeGreaterThan(0)
      expect(secondsLeft(refused)).toBeLessThanOrEqual(60)
    }
    await on.person.client.pms.history.query()
    await on.person.client.account.current.query()
    await status(await on.system.newPerson())
  })

  it('C44: every procedure is counted, each by itself', async () => {
    const procedures: [string, () => Promise<unknown>][] = [
      ['account.current', () => on.person.client.account.current.query()],
      ['pms.connectionStatus', () => status()],
      ['pms.history', () => on.person.client.pms.history.query()],
      ['pms.disconnect', () => on.person.client.pms.disconnect.mutate()],
      ['pms.choosePractice', () => on.person.client.pms.choosePractice.mutate(someChoice)],
      ['pms.declineChoice', () => on.person.client.pms.declineChoice.mutate({ attemptId: someChoice.attemptId })],
    ]
    for (const [name, call] of procedures) {
      for (let time = 0; time < calls; time++) {
        const code: unknown = await call().catch((error: { data: { code: string } }) => error.data.code)
        expect([name, code]).not.toEqual([name, 'TOO_MANY_REQUESTS'])
      }
      const refusal: unknown = await call().catch((error: unknown) => error)
      expect([name, refusal]).toMatchObject([name, tooMany])
    }
  })

  it('F108: of a batch are counted each', async () => {
    const path = Array(calls + 1)
      .fill('pms.connectionStatus')
      .join()
    const answers = await get(`/trpc/${path}?batch=1`, signedIn())
    const codes = ((await answers.json()) as { error?: { data: { code: string } } }[]).map(
      ({ error }) => error?.data.code,
    )
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(1)
    expect(codes.filter((code) => code === undefined)).toHaveLength(calls)
    expect(secondsLeft(answers)).toBeGreaterThan(0)
  })

  it('T13: are not counted when they failed through our fault, whichever procedure it was', async () => {
    const { history, disconnect, choosePractice, declineChoice, connectionStatus } = on.person.client.pms
    const procedures = {
      history: () => history.query(),
      disconnect: () => disconnect.mutate(),
      choosePractice: () => choosePractice.mutate(someChoice),
      declineChoice: () => declineChoice.mutate({ attemptId: someChoice.attemptId }),
      connectionStatus: () => connectionStatus.query(),
      byRest: async () => {
        const answer = await get('/api/pms/connection-status', signedIn())
        if (!answer.ok) throw Object.assign(new Error('refused'), { data: { httpStatus: answer.status } })
      },
    }
    const statusOf = async (call: () => Promise<unknown>) =>
      call().then(
        () => 200,
        ({ data }: { data: { httpStatus: number } }) => data.httpStatus,
      )
    await status()
    on.system.lines.database.set({ kind: 'cut' })
    // The cached status is served until the LISTEN connection is known to be lost.
    await on.system.until(async () => (await on.system.metrics()).includes('pms_change_notices_listening 0'))
    for (const [name, call] of Object.entries(procedures)) {
      const failed = await Promise.all(Array.from({ length: calls + 1 }, () => statusOf(call)))
      expect([name, new Set(failed)]).toEqual([name, new Set([503])])
    }
    on.system.lines.database.heal()
    await on.system.until(async () => (await statusOf(procedures.history)) === 200)
    const left = await Promise.all(Array.from({ length: calls }, () => statusOf(procedures.history)))
    expect(
      left.filter((code) => code === 200),
      'one is spent',
    ).toHaveLength(calls - 1)
    expect(await statusOf(procedures.disconnect)).toBe(200)
  })

  it.each(['tRPC', 'REST'])('is not counted when it was held and brings news: %s', async (by) => {
    const { authorizationUrl } = await start()
    const { revision } = await status()
    const held = async () => {
      if (by === 'tRPC') return on.person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 20 })
      const query = `?after=${revision}&waitSeconds=20`
      return (await get(`/api/pms/connection-status${query}`, signedIn())).json() as Promise<object>
    }
    const callback = await decide(on.person.browser, authorizationUrl)
    on.system.lines.database.set({ kind: 'hang_answer', when: lookUp })
    const answer = held()
    // Whatever is remembered is forgotten, so that it looks, and is seen to be there.
    await on.system.db.$executeRaw`SELECT pg_notify('pms_changes', '')`
    await on.system.lines.database.struck()
    on.system.lines.database.heal()
    await open(on.person.browser, callback)
    expect(await answer).not.toMatchObject({ revision })
    for (let more = 1; more < calls; more++) await status()
    await expect(status()).rejects.toMatchObject(tooMany)
  })

  it.each([
    ['were not held', { after: 'another', waitSeconds: 20 }],
    ['bring no news', { waitSeconds: 0.05 }],
  ])('are counted when they %s', async (_, input) => {
    const { revision } = await status()
    const ask = () => on.person.client.pms.connectionStatus.query({ after: revision, ...input })
    for (let more = 1; more < calls; more++) await ask()
    await expect(ask()).rejects.toMatchObject(tooMany)
  })
})

const someChoice = {
  attemptId: '00000000-0000-4000-8000-000000000001',
  choiceId: '00000000-0000-4000-8000-000000000002',
}

describe('starts', () => {
  it('AT23: are counted by account, for all servers together', async () => {
    await using other = await startServer(on.system, environment)
    await start()
    await start(other.here(on.person))
    for (const where of [on.person, other.here(on.person)]) await expect(start(where)).rejects.toMatchObject(tooMany)
    await start(other.here(await on.system.newPerson()))
    const refused = await fetch(`${other.origin}/trpc/pms.startConnection`, {
      method: 'POST',
      headers: { ...signedIn(), 'content-type': 'application/json' },
    })
    expect(refused.status).toBe(429)
    expect(secondsLeft(refused)).toBeGreaterThan(500)
    expect(secondsLeft(refused)).toBeLessThanOrEqual(600)
    expect(await on.system.db.pmsConnectionAttempt.count()).toBe(3)
  })

  it('of 20 at once, two', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => start()))
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(2)
    expect(await on.system.db.pmsConnectionAttempt.count()).toBe(2)
  })

  it('are counted anew when the ten minutes are over', async () => {
    await start()
    await start()
    await on.system.db.$executeRaw`UPDATE pms_limits SET expire = expire - 600000`
    await start()
    await start()
    await expect(start()).rejects.toMatchObject(tooMany)
  })

  it.each([1, 2])('F91: are counted anew after %i of them, when the clock that counted was ahead', async (before) => {
    for (let count = 0; count < before; count++) await start()
    await on.system.db.$executeRaw`UPDATE pms_limits SET expire = expire + 3600000`
    await start()
    await start()
    await expect(start()).rejects.toMatchObject(tooMany)
    expect(failures(on.system.log.join('\n')), 'it is no failure of the store').toBe(0)
  })
})

describe('AT22, F109: the store of the limits', () => {
  it('that fails is said loudly, and each server counts its own starts until it works again', async () => {
    const port = await reserveFreePort()
    await using server = await startServer(on.system, { ...environment, METRICS_PORT: String(port) })
    const [one, two] = [server.here(on.person), server.here(await on.system.newPerson())]
    await start(one)
    await on.system.db.$executeRaw`ALTER TABLE pms_limits RENAME TO pms_limits_gone`
    await start(one)
    await start(one)
    await expect(start(one)).rejects.toMatchObject(tooMany)
    await start(two)
    await on.system.until(async () => failures(server.output()) === 4)
    expect(server.output()).toMatch(/"level":50,[^\n]*the database cannot count starts/)
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toContain('pms_limit_store_failures_total 4')

    await on.system.db.$executeRaw`ALTER TABLE pms_limits_gone RENAME TO pms_limits`
    await start(one)
    await expect(start(one)).rejects.toMatchObject(tooMany)
    expect(failures(server.output())).toBe(4)
  })

  it('that does not answer is waited for a second, and not longer', async () => {
    await on.system.db.$transaction(
      async (tx) => {
        await tx.$executeRaw`LOCK TABLE pms_limits IN ACCESS EXCLUSIVE MODE`
        const startedAt = performance.now()
        await start()
        await start()
        await expect(start()).rejects.toMatchObject(tooMany)
        expect(performance.now() - startedAt).toBeGreaterThan(3_000)
      },
      { timeout: 30_000 },
    )
    expect(failures(on.system.log.join('\n'))).toBe(3)
  })
})

const tooManyAt = (origin: string) => `${origin}/agent/setup/pms?error=too_many_requests`

describe('callbacks', () => {
  it('F107: are counted by address, which nobody can choose for themselves', async () => {
    await using fresh = await startSystem({ environment })
    const ask = (path: string, headers = {}) => fetch(`${fresh.origin}${path}`, { redirect: 'manual', headers })
    const callback = '/pms/sikka/oauth/callback?code=c&state=s'
    for (let index = 0; index < 3; index++) {
      expect((await ask(callback, { 'x-forwarded-for': `198.51.100.${index}` })).status).toBe(303)
    }
    const refused = await ask(callback, { 'x-forwarded-for': '198.51.100.9' })
    expect([refused.status, refused.headers.get('location')]).toEqual([303, tooManyAt(fresh.origin)])
    expect(secondsLeft(refused)).toBeGreaterThan(0)
    // The older address of the callback is the same one, and so is a misspelled one.
    for (const path of ['/agent/setup/pms/callback?code=c&state=s', '//pms/sikka/oauth/callback?code=c&state=s']) {
      expect((await ask(path)).headers.get('location')).toBe(tooManyAt(fresh.origin))
    }
    const warnings = fresh.log.filter((line) => line.includes('TRUSTED_PROXY_HOPS'))
    expect(warnings, 'T14: said once, with what to do').toHaveLength(1)
    expect(warnings[0]).toMatch(/"level":40,.*Set TRUSTED_PROXY_HOPS to the number of your proxies/)
  })

  it('T14: garbage from one address keeps nobody out who comes back from Sikka; each attempt is counted', async () => {
    await using fresh = await startSystem({ environment })
    const garbage = () => fetch(`${fresh.origin}/pms/sikka/oauth/callback?code=c&state=s`, { redirect: 'manual' })
    for (let index = 0; index < 4; index++) await garbage()
    expect((await garbage()).headers.get('location')).toBe(tooManyAt(fresh.origin))
    const person = await fresh.newPerson()
    const { authorizationUrl, attemptId } = await start(person)
    const callback = await decide(person.browser, authorizationUrl)
    const stranger = await open(cookieBrowser(), callback)
    expect(stranger.location, 'a signed state without its cookie counts as garbage').toBe(tooManyAt(fresh.origin))
    for (let visit = 0; visit < 3; visit++) {
      const { path } = await open(person.browser, callback)
      expect(path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
    }
    const { location, response } = await open(person.browser, callback)
    expect([location, secondsLeft(response) > 0]).toEqual([tooManyAt(fresh.origin), true])
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
  })
})
