import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Redacted } from '../src/config/redacted.ts'
import { signState } from '../src/connection/signed-state.ts'
import { cookieBrowser } from './harness/browser.ts'
import { stage } from './harness/stage.ts'
import { startSystem } from './harness/system.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()

const attemptRow = (id: string) => on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const exchanges = () => on.system.sikka.calls.requestKey.authorization_code
const refused = (code: string) => ({ status: 303, location: `${on.system.origin}/agent/setup/pms?error=${code}` })

/** Started and allowed at Sikka: the callback address that the browser is about to open. */
async function allowed(who = on.person) {
  const started = await who.client.pms.startConnection.mutate()
  return { ...started, callback: await decide(who.browser, started.authorizationUrl) }
}

/** Nothing has happened to the attempt or at Sikka, and the right browser can still finish it. */
async function expectUntouched({ attemptId, callback }: { attemptId: string; callback: string }, who = on.person) {
  expect((await attemptRow(attemptId)).status).toBe('CREATED')
  expect(exchanges()).toBe(0)
  await open(who.browser, callback)
  expect((await outcomeOf(who, attemptId)).status).toBe('connected')
}

describe('another browser', () => {
  it('AT23: that keeps coming fills no table', async () => {
    const attempt = await allowed()
    for (let visit = 0; visit < 5; visit++) await open(cookieBrowser(), attempt.callback)
    await expectUntouched(attempt)
    await open(cookieBrowser(), attempt.callback)
    const events = await on.system.db.pmsAuditEvent.findMany({
      where: { attemptId: attempt.attemptId, event: 'REJECTED' },
    })
    expect(events).toHaveLength(1)
  })

  it('AT1, F5: with a good code and state but no cookie is refused before Sikka is asked, and it is written down', async () => {
    const attempt = await allowed()
    expect(await open(cookieBrowser(), attempt.callback)).toMatchObject(refused('invalid_state'))
    expect(on.system.log.join('')).toMatch(/"reason":"invalid_state".*"msg":"callback refused"/)
    const events = await on.system.db.pmsAuditEvent.findMany({ where: { attemptId: attempt.attemptId } })
    expect(events.map(({ event, code }) => [event, code])).toEqual([
      ['STARTED', null],
      ['REJECTED', 'no_binding'],
    ])
    await expectUntouched(attempt)
  })

  it('AT2: of the victim, led to the attacker’s callback, changes nothing for either', async () => {
    const attempt = await allowed()
    const victim = await on.system.newPerson()
    expect(await open(victim.browser, attempt.callback)).toMatchObject(refused('invalid_state'))
    expect(await victim.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
    await expectUntouched(attempt)
  })

  it('AT3: with a live attempt of its own is refused, and finishes its own after it', async () => {
    const victim = await on.system.newPerson()
    const own = await allowed(victim)
    const attacker = await allowed()
    expect(await open(victim.browser, attacker.callback)).toMatchObject(refused('invalid_state'))
    await expectUntouched(own, victim)
  })

  it('AT4: cannot choose cookie and state for itself', async () => {
    const { accountId } = await on.person.client.account.current.query()
    const attempt = await allowed()
    const forged = { accountId, timestamp: Date.now(), nonce: randomBytes(32).toString('base64url') }
    const payload = Buffer.from(JSON.stringify(forged)).toString('base64url')
    const signed = `${payload}.${createHmac('sha256', 'guess').update(payload).digest('base64url')}`
    for (const state of [payload, Buffer.from(JSON.stringify(forged)).toString('base64'), signed]) {
      const url = new URL(attempt.callback)
      url.searchParams.set('state', state)
      expect(await open(on.person.browser, url.href)).toMatchObject(refused('invalid_state'))
    }
    await expectUntouched(attempt)
  })

  it('AT4: is not the right one by a cookie of the right name', async () => {
    const attempt = await allowed()
    const [name] = on.person.browser.cookies('localhost').map((cookie) => cookie.split('=')[0])
    const headers = { cookie: `${name}=${randomBytes(32).toString('base64url')}` }
    expect(await open(cookieBrowser(), attempt.callback, { headers })).toMatchObject(refused('invalid_state'))
    await expectUntouched(attempt)
    expect(await open(cookieBrowser(), attempt.callback, { headers })).toMatchObject(refused('invalid_state'))
  })

  it('is told nothing of an attempt that is over, and nothing is written down of it', async () => {
    const { attemptId } = await connect(on.person)
    const again = await allowed()
    await open(on.person.browser, again.callback)
    await outcomeOf(on.person, again.attemptId)
    expect(await open(cookieBrowser(), again.callback)).toMatchObject(refused('invalid_state'))
    const ofBoth = { in: [attemptId, again.attemptId] }
    expect(await on.system.db.pmsAuditEvent.count({ where: { event: 'REJECTED', attemptId: ofBoth } })).toBe(0)
  })

  it('does not end an attempt whose ten minutes are over', async () => {
    const { attemptId, callback } = await allowed()
    await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE id = ${attemptId}::uuid`
    expect(await open(cookieBrowser(), callback)).toMatchObject(refused('expired_state'))
    expect((await attemptRow(attemptId)).status).toBe('CREATED')
    expect(await open(on.person.browser, callback)).toMatchObject(refused('expired_state'))
    expect((await attemptRow(attemptId)).status).toBe('EXPIRED')
  })

  it('F4: is what a browser without its cookies is', async () => {
    const attempt = await allowed()
    on.person.browser.clearCookies()
    expect(await open(on.person.browser, attempt.callback)).toMatchObject(refused('invalid_state'))
    expect(exchanges()).toBe(0)
  })

  it('F18: cannot deny for the practice', async () => {
    const started = await on.person.client.pms.startConnection.mutate()
    const denied = await decide(on.person.browser, started.authorizationUrl, { decision: 'deny' })
    expect(await open(cookieBrowser(), denied)).toMatchObject(refused('invalid_state'))
    expect((await attemptRow(started.attemptId)).status).toBe('CREATED')
  })

  it('AT11, F6: of the same kind, but with another person signed in, finishes for the account that started', async () => {
    const attempt = await allowed()
    const next = await on.system.newPerson()
    await open(on.person.browser, attempt.callback)
    expect((await outcomeOf(on.person, attempt.attemptId)).status).toBe('connected')
    expect(await next.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
    await expect(next.client.pms.connectionStatus.query({ attemptId: attempt.attemptId })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    })
  })
})

describe('a state that we have signed', () => {
  /** The callback with another state, by the server's own key. */
  function signed(callback: string, change: Record<string, unknown>): string {
    const url = new URL(callback)
    const [payload = ''] = url.searchParams.get('state')?.split('.') ?? []
    const state = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...change }
    url.searchParams.set('state', signState(state, [new Redacted(on.system.variables['STATE_SECRET'] ?? '')]))
    return url.href
  }

  it('is not trusted when no attempt knows of it', async () => {
    const attempt = await allowed()
    const unknown = signed(attempt.callback, { nonce: randomBytes(32).toString('base64url') })
    expect(await open(on.person.browser, unknown)).toMatchObject(refused('invalid_state'))
    await expectUntouched(attempt)
  })

  it('I3: is not trusted when it names another account than its attempt, also after the attempt has ended', async () => {
    const attempt = await allowed()
    const other = await (await on.system.newPerson()).client.account.current.query()
    const mixed = signed(attempt.callback, { accountId: other.accountId })
    expect(await open(on.person.browser, mixed)).toMatchObject(refused('invalid_state'))
    await expectUntouched(attempt)
    expect(await open(on.person.browser, mixed)).toMatchObject(refused('invalid_state'))
  })
})

describe('what is written down, and where the browser is sent', () => {
  const path = (query: string) => expect.stringMatching(new RegExp(`^/agent/setup/pms\\?${query}$`))

  it.each([
    [
      'F17: a denial',
      { error: 'access_denied' },
      'CANCELLED',
      'ACCESS_DENIED',
      'DENIED',
      'error=access_denied&attempt=.*',
    ],
    ['F16: another error', { error: 'server_error' }, 'FAILED', 'PROVIDER_ERROR', 'FAILED', 'status=error&attempt=.*'],
    ['F16: neither code nor error', {}, 'FAILED', 'PROVIDER_ERROR', 'FAILED', 'status=error&attempt=.*'],
  ])('%s', async (_, query, status, errorCode, answer, location) => {
    const { attemptId, callback } = await allowed()
    const url = new URL(callback)
    const state = url.searchParams.get('state') ?? ''
    url.search = String(new URLSearchParams({ ...query, state }))
    expect((await open(on.person.browser, url.href)).path).toEqual(path(location))
    expect(await attemptRow(attemptId)).toMatchObject({ status, errorCode, answer })
    expect(exchanges()).toBe(0)
  })

  it.each([
    ['a code that is refused at once', { code: 'refuse' }, 'FAILED', 'status=error&attempt=.*'],
    ['a practice that is connected at once', {}, 'CONNECTING', 'status=connecting&attempt=.*'],
    ['a question at once', { issuedTo: 'absent', practices: 'several' }, 'CONNECTING', 'status=connecting&attempt=.*'],
    [
      'a code that is refused too late',
      { code: 'refuse', exchangeDelayMs: 1_000 },
      'CONNECTING',
      'status=connecting.*',
    ],
  ] as const)('%s', async (_, scenario, answer, location) => {
    on.system.sikka.setScenario(scenario)
    const { attemptId, callback } = await allowed()
    expect((await open(on.person.browser, callback)).path).toEqual(path(location))
    await on.system.until(async () => (await attemptRow(attemptId)).answer === answer)
  })

  it.each([
    ['FAILED', 'status=error&attempt=.*'],
    ['EXCHANGING', 'status=connecting&attempt=.*'],
  ] as const)('of an attempt that is %s, and whose first answer was never written down', async (status, location) => {
    on.system.sikka.setScenario({ exchangeDelayMs: 1_000 })
    const { attemptId, callback } = await allowed()
    await open(on.person.browser, callback)
    await on.system.finishWork()
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET status = ${status}::"AttemptStatus", answer = NULL WHERE id = ${attemptId}::uuid`
    expect((await open(on.person.browser, callback)).path).toEqual(path(location))
  })
})

describe('the same browser again', () => {
  it('gets the same answer when the ten minutes are over', async () => {
    const { attemptId, callback } = await connect(on.person)
    const first = await open(on.person.browser, callback)
    await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE id = ${attemptId}::uuid`
    expect((await open(on.person.browser, callback)).location).toBe(first.location)
    expect(first.path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
  })

  it.each([
    ['after success', {}, 'connected'],
    ['after failure', { code: 'refuse' }, 'failed'],
    ['while it goes on', { exchangeDelayMs: 1_000 }, 'connected'],
    ['after a failure that came too late for the first answer', { code: 'refuse', exchangeDelayMs: 1_000 }, 'failed'],
  ] as const)('AT14, F21: %s gets the same answer, and no second exchange', async (_, scenario, status) => {
    on.system.sikka.setScenario(scenario)
    const { attemptId, callback } = await allowed()
    const first = await open(on.person.browser, callback)
    const during = await open(on.person.browser, callback)
    expect((await outcomeOf(on.person, attemptId)).status).toBe(status)
    const after = await open(on.person.browser, callback)
    expect([during.location, after.location]).toEqual([first.location, first.location])
    expect(exchanges()).toBe(1)
  })

  it('AT14: gets the same answer after a denial', async () => {
    const started = await on.person.client.pms.startConnection.mutate()
    const denied = await decide(on.person.browser, started.authorizationUrl, { decision: 'deny' })
    const first = await open(on.person.browser, denied)
    expect((await open(on.person.browser, denied)).location).toBe(first.location)
  })

  it('AT14: gets the same answer however many denials come at once', async () => {
    for (let round = 0; round < 5; round++) {
      const started = await on.person.client.pms.startConnection.mutate()
      const denied = await decide(on.person.browser, started.authorizationUrl, { decision: 'deny' })
      const answers = await Promise.all(Array.from({ length: 5 }, () => open(on.person.browser, denied)))
      const path = `/agent/setup/pms?error=access_denied&attempt=${started.attemptId}`
      expect(new Set(answers.map((each) => each.path))).toEqual(new Set([path]))
    }
  })

  it('AT14: with another code for the same state gets the first one’s answer', async () => {
    const { attemptId, authorizationUrl, callback } = await allowed()
    const other = await decide(on.person.browser, authorizationUrl, { practice: 'D00002' })
    const first = await open(on.person.browser, callback)
    expect((await open(on.person.browser, other)).location).toBe(first.location)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ practiceName: 'Happy Dental Clinic' })
    expect(exchanges()).toBe(1)
  })

  it('AT13, F22, I3: 50 times at once is exchanged once, and answered alike', async () => {
    const { attemptId, callback } = await allowed()
    const answers = await Promise.all(Array.from({ length: 50 }, () => open(on.person.browser, callback)))
    expect(new Set(answers.map(({ location }) => location)).size).toBe(1)
    expect((await outcomeOf(on.person, attemptId)).status).toBe('connected')
    expect(exchanges()).toBe(1)
  })
})

describe('AT24, F2: two tabs', () => {
  it('finish in either order, each with its own attempt', async () => {
    const [one, two] = [await allowed(), await allowed()]
    await open(on.person.browser, two.callback)
    await open(on.person.browser, one.callback)
    expect((await outcomeOf(on.person, one.attemptId)).status).toBe('connected')
    expect((await outcomeOf(on.person, two.attemptId)).status).toBe('connected')
    expect(await on.system.db.pmsIntegration.count()).toBe(1)
    expect(Object.values(on.system.sikka.calls.exchangesByCode)).toEqual([1, 1])
  })
})

describe('a slow database', () => {
  /** Every change of an attempt takes this much longer. */
  const slowDown = (seconds: number) => async () => {
    await on.system.db.$executeRawUnsafe(`
      CREATE OR REPLACE FUNCTION slow_down() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(${seconds}); RETURN NEW; END'`)
    await on.system.db.$executeRaw`
      CREATE OR REPLACE TRIGGER slow_down BEFORE UPDATE ON pms_connection_attempts FOR EACH ROW EXECUTE FUNCTION slow_down()`
    return {
      [Symbol.asyncDispose]: async () =>
        void (await on.system.db.$executeRaw`DROP TRIGGER slow_down ON pms_connection_attempts`),
    }
  }

  it('a claimed attempt is answered as connecting, within a second, and the same later', async () => {
    on.system.sikka.setScenario({ exchangeDelayMs: 1_500 })
    const { attemptId, callback } = await allowed()
    await using _ = await slowDown(0.3)()
    const askedAt = performance.now()
    const first = await open(on.person.browser, callback)
    expect(performance.now() - askedAt).toBeLessThan(1_000)
    expect(first.path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
    expect((await open(on.person.browser, callback)).path).toBe(first.path)
    expect((await outcomeOf(on.person, attemptId)).status).toBe('connected')
  })

  it('S20: a claim that takes too long is answered within a second, each time alike, and finished before the server stops', async () => {
    const { attemptId, callback } = await allowed()
    await using _ = await slowDown(1.2)()
    const askedAt = performance.now()
    const first = await open(on.person.browser, callback)
    expect(first.path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
    expect(performance.now() - askedAt).toBeLessThan(1_000)
    expect((await open(on.person.browser, callback)).path).toBe(first.path)
    await on.system.finishWork()
    expect((await on.person.client.pms.connectionStatus.query({ attemptId })).status).toBe('connected')
    expect((await open(on.person.browser, callback)).path).toBe(first.path)
  })

  it('S20: a denial that takes too long to be written down is told as one, the first time and later', async () => {
    const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const denied = await decide(on.person.browser, authorizationUrl, { decision: 'deny' })
    const path = `/agent/setup/pms?error=access_denied&attempt=${attemptId}`
    {
      await using _ = await slowDown(1.2)()
      expect((await open(on.person.browser, denied)).path).toBe(path)
      await on.system.finishWork()
    }
    expect((await open(on.person.browser, denied)).path).toBe(path)
  })

  it('S20: names no attempt to a browser that has no cookie for it', async () => {
    const { callback } = await allowed()
    await on.system.db.$transaction(
      async (tx) => {
        await tx.$executeRaw`LOCK TABLE pms_connection_attempts IN ACCESS EXCLUSIVE MODE`
        expect(await open(cookieBrowser(), callback)).toMatchObject(refused('temporarily_unavailable'))
      },
      { timeout: 20_000 },
    )
  })
})

describe('S17: read tolerantly', () => {
  it.each(['/pms/sikka/oauth/callback/', '/agent/setup/pms/callback/'])(
    'S17: with a slash at the end: %s',
    async (path) => {
      const { attemptId, callback } = await allowed()
      const answer = await open(on.person.browser, `${on.system.origin}${path}${new URL(callback).search}`)
      expect(answer.path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
      expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
    },
  )

  it.each(['User_Denied', 'access_denied&code=', 'access_denied&code=c', 'consent_denied'])(
    'S17: a denial is one, whatever its words: %s',
    async (error) => {
      const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
      const state = new URL(authorizationUrl).searchParams.get('state') ?? ''
      const answer = await open(
        on.person.browser,
        `${on.system.origin}/pms/sikka/oauth/callback?state=${state}&error=${error}`,
      )
      expect(answer.path).toBe(`/agent/setup/pms?error=access_denied&attempt=${attemptId}`)
      expect((await attemptRow(attemptId)).status).toBe('CANCELLED')
      expect(exchanges()).toBe(0)
    },
  )

  it('S17: an empty error beside a code is none', async () => {
    const { attemptId, callback } = await allowed()
    await open(on.person.browser, `${callback}&error=`)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
  })
})

describe('too late', () => {
  it('F1, F20: is expired by the clock of the database, and says so', async () => {
    const attempt = await allowed()
    await on.system.db
      .$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE id = ${attempt.attemptId}::uuid`
    expect(await on.person.client.pms.connectionStatus.query({ attemptId: attempt.attemptId })).toMatchObject({
      status: 'failed',
      errorCode: 'EXPIRED',
    })
    expect(await open(on.person.browser, attempt.callback)).toMatchObject(refused('expired_state'))
    expect(await open(on.person.browser, attempt.callback)).toMatchObject(refused('expired_state'))
    expect((await attemptRow(attempt.attemptId)).status).toBe('EXPIRED')
    expect(exchanges()).toBe(0)
  })
})

describe('not a callback', () => {
  it.each([
    ['F14', '?', 'invalid_request'],
    ['F14', '?code=c', 'invalid_request'],
    ['F14', '?code=&state=', 'invalid_request'],
    ['F15', '?code=c&state=s&state=t', 'invalid_request'],
    ['F15', '?state[]=s&code=c', 'invalid_request'],
    ['F14', '?code=c&state=s', 'invalid_state'],
    ['F14', `?code=c&state=${'s'.repeat(10_000)}`, 'invalid_state'],
    ['AT18', '?code=c&state=%00%E0%A4%A', 'invalid_state'],
    ['AT18', '?code=c&state=%ED%A0%80', 'invalid_state'],
    ['F19', '?error=%3Cscript%3E&status=connected', 'invalid_request'],
    ['F18', '?error=access_denied', 'access_denied'],
    ['F27', '?code=c&state=s%0d%0aSet-Cookie:%20a=b', 'invalid_state'],
  ])('%s: %s is answered with %s and changes nothing', async (_, search, code) => {
    const attempts = await on.system.db.pmsConnectionAttempt.count()
    const events = await on.system.db.pmsAuditEvent.count()
    const answer = await open(on.person.browser, `${on.system.origin}/pms/sikka/oauth/callback${search}`)
    expect(answer).toMatchObject(refused(code))
    expect(on.system.log.join('')).toMatch(new RegExp(`"reason":"${code}".*"msg":"callback refused"`))
    expect(answer.response.headers.getSetCookie()).toEqual([])
    expect(await on.system.db.pmsConnectionAttempt.count()).toBe(attempts)
    expect(await on.system.db.pmsAuditEvent.count()).toBe(events)
    expect(exchanges()).toBe(0)
  })

  it.each([
    ['HEAD', {}, 204],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }, 204],
    ['GET', { 'sec-purpose': 'prefetch' }, 204],
    ['GET', { purpose: 'prefetch' }, 204],
    ['GET', { purpose: 'preview' }, 204],
    ['GET', { 'x-moz': 'prefetch' }, 204],
    ['GET', { 'x-purpose': 'preview' }, 204],
    ['GET', { 'x-purpose': 'Prefetch' }, 204],
    ['POST', {}, 405],
    ['OPTIONS', {}, 405],
    ['DELETE', {}, 405],
  ])('AT15, F23: %s with %j is answered %i, and spends nothing', async (method, headers, status) => {
    const attempt = await allowed()
    const answer = await open(on.person.browser, attempt.callback, { method, headers })
    expect(answer).toMatchObject({ status, location: null })
    await expectUntouched(attempt)
  })

  it('AT15: a link scanner without the cookie, which looks ahead and then opens it plainly, spends nothing', async () => {
    const attempt = await allowed()
    const userAgent = { 'user-agent': 'Mozilla/5.0 (compatible; LinkScanner/1.0)' }
    const scanner = cookieBrowser()
    const head = await open(scanner, attempt.callback, { method: 'HEAD', headers: userAgent })
    expect(head).toMatchObject({ status: 204, location: null })
    for (const _ of [1, 2, 3]) {
      const opened = await open(scanner, attempt.callback, { headers: userAgent })
      expect(opened).toMatchObject(refused('invalid_state'))
      await open(scanner, opened.location ?? '', { headers: userAgent })
    }
    await expectUntouched(attempt)
  })

  it('F23: POST at the older address is answered 405', async () => {
    const attempt = await allowed()
    const older = attempt.callback.replace('/pms/sikka/oauth/callback', '/agent/setup/pms/callback')
    expect((await open(on.person.browser, older, { method: 'POST' })).status).toBe(405)
    await expectUntouched(attempt)
  })

  it('AT15: HEAD at the older address spends nothing either', async () => {
    const attempt = await allowed()
    const older = attempt.callback.replace('/pms/sikka/oauth/callback', '/agent/setup/pms/callback')
    expect((await open(on.person.browser, older, { method: 'HEAD' })).status).toBe(204)
    await expectUntouched(attempt)
  })

  it.each([
    '//pms/sikka/oauth/callback',
    '/pms/sikka/oauth//callback',
    '/pms/sikka/oauth%2Fcallback',
    '/pms/sikka/oauth/callback//',
    '/PMS/sikka/oauth/callback',
    '/agent/setup//pms/callback',
  ])('AT20, S23: %s spends nothing, and the person reads so on the page', async (path) => {
    const attempt = await allowed()
    const { search } = new URL(attempt.callback)
    const answer = await open(on.person.browser, `${on.system.origin}${path}${search}`)
    expect(answer).toMatchObject(refused('invalid_request'))
    await expectUntouched(attempt)
  })

  it('AT20: a misspelled address without anything to call back with is no callback', async () => {
    expect((await open(on.person.browser, `${on.system.origin}//pms/sikka/oauth/callback`)).status).toBe(404)
  })
})

describe('the answer', () => {
  it('C9: is 303 without a body, kept nowhere, with no referrer, whatever host was asked', async () => {
    const { callback } = await allowed()
    const { response, location } = await open(on.person.browser, callback, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    })
    expect(response.status).toBe(303)
    expect(await response.text()).toBe('')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(location).toMatch(new RegExp(`^${on.system.origin}/agent/setup/pms\\?status=connecting&attempt=[\\w-]{36}$`))
  })

  it('AT17, C8: leads nowhere else, whatever the query asks for', async () => {
    const attempt = await allowed()
    const url = `${attempt.callback}&redirect=https://evil.example&returnTo=//evil.example&next=/%5Cevil.example`
    expect((await open(on.person.browser, url)).path).toBe(
      `/agent/setup/pms?status=connecting&attempt=${attempt.attemptId}`,
    )
  })
})

describe('the cookie', () => {
  it('is HttpOnly, Lax, for ten minutes, and plain only on http at this machine', async () => {
    const response = await fetch(`${on.system.origin}/trpc/pms.startConnection`, {
      method: 'POST',
      headers: { authorization: `Bearer ${on.person.accessToken}`, 'content-type': 'application/json' },
    })
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^pms_attempt_[\w-]{12}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('AT19, C46: is __Host- and Secure everywhere else', async () => {
    await using secure = await startSystem({
      environment: {
        APP_BASE_URL: 'https://app.example.com',
        SIKKA_REDIRECT_URI: 'https://app.example.com/pms/sikka/oauth/callback',
      },
    })
    const { accessToken } = await secure.newPerson()
    const response = await fetch(`${secure.origin}/trpc/pms.startConnection`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    })
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-pms_attempt_[\w-]{12}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
    expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  })

  it('of the database is a hash, as the nonce is', async () => {
    const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const state = new URL(authorizationUrl).searchParams.get('state') ?? ''
    const { nonce } = JSON.parse(Buffer.from(state.split('.')[0] ?? '', 'base64url').toString()) as { nonce: string }
    const row = JSON.stringify(await attemptRow(attemptId))
    const token = on.person.browser.cookies('localhost').map((cookie) => cookie.split('=')[1])
    expect([nonce, ...token].filter((secret) => row.includes(secret ?? ''))).toEqual([])
  })
})

it('I8, C25: nothing secret of a whole connection is in the log or the database', async () => {
  const { callback, authorizationUrl } = await connect(on.person)
  const [row] = await on.system.db.pmsIntegration.findMany()
  const keys = await on.system.readSecret(row)
  const secrets = [
    new URL(callback).searchParams.get('code'),
    new URL(authorizationUrl).searchParams.get('state'),
    ...on.person.browser.cookies('localhost').map((cookie) => cookie.split('=')[1]),
    on.person.accessToken,
    keys['secretKey'],
    keys['requestKey'],
    keys['refreshKey'],
    'key_demo_0001',
  ].map(String)
  expect(secrets.every((secret) => secret.length > 8)).toBe(true)
  const tables = ['accounts', 'pms_integrations', 'pms_connection_attempts', 'pms_audit_events']
  const rows = await Promise.all(
    tables.map((table) => on.system.db.$queryRawUnsafe(`SELECT row_to_json(t)::text AS row FROM "${table}" t`)),
  )
  const everything = `${on.system.log.join('\n')}\n${JSON.stringify(rows)}`
  expect(everything).toContain('practice connected')
  expect(secrets.filter((secret) => everything.includes(secret))).toEqual([])
})
