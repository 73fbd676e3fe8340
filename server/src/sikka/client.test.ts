import { describe, expect, it, vi } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { sikkaClients } from './client.ts'
import { fakeClock, type FakeClock } from './testing/fake-clock.ts'
import { closedPort, httpUpstream, json, type Upstream } from './testing/upstream.ts'

const never = new AbortController().signal
const code = new Redacted('code_demo_0001')
const refreshKey = new Redacted('refresh_key_demo_0001')
const requestKey = new Redacted('request_key_demo_0001')
const office = { officeId: 'D00001', secretKey: new Redacted('secret_key_demo_0001') }

const keys = { request_key: 'request_key_demo_0002', refresh_key: 'refresh_key_demo_0002', issued_to: 'D00001' }
const granted = json(200, { ...keys, href: 'https://api.example/v4/request_key/request_key_demo_0002' })
const deleted = json(200, { error_code: 'API0002' })
const reset: typeof granted = (_, request) => request.socket.resetAndDestroy()
const broken = json(503, { error_code: 'API2006' })
const fiveAccounts = ['A', 'B', 'C', 'D', 'E'] as const
const tooMany = (resetSeconds: number, errorCode?: string) => {
  const headers = { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(resetSeconds) }
  return json(429, errorCode === undefined ? {} : { error_code: errorCode }, headers)
}

/** Answers one after the other, the last one for all that follow. */
function inTurn(...answers: ReturnType<typeof json>[]): ReturnType<typeof json> {
  let asked = 0
  return (...call) => answers[Math.min(asked++, answers.length - 1)]?.(...call)
}

function clientForTest(upstream: Pick<Upstream, 'origin'>, clock: FakeClock = fakeClock()) {
  const log = { warn: vi.fn<() => void>(), info: vi.fn<() => void>() }
  const clients = sikkaClients({
    application: { id: 'app_demo_0001', key: new Redacted('key_demo_0001') },
    authorizationPage: 'https://sikka.example/authapp.aspx',
    redirectUri: 'https://app.example/callback',
    apiUrl: upstream.origin,
    log,
    clock,
    limits: { connect: 2_000, total: 2_000 },
  })
  const as = (accountId: string) => clients.for({ accountId, isWaitedFor: true })
  const inBackground = (accountId: string) => clients.for({ accountId, isWaitedFor: false })
  return { ...as('A'), as, inBackground, clock, log, [Symbol.asyncDispose]: () => clients.close() }
}

/** Code and reason of the failure, or `done`. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'done'
  } catch (error) {
    if (!(error instanceof ConnectionFailure)) throw error
    if (/demo/.test(error.message)) throw new Error('the message shows what was sent', { cause: error })
    return `${error.code} ${error.reason}`
  }
}

describe('exchanging a code', () => {
  it('sends the grant, and gives the keys', async () => {
    await using upstream = await httpUpstream(granted)
    await using sikka = clientForTest(upstream)
    const grant = await sikka.exchangeCode(code, never)
    expect(grant.requestKey.reveal()).toBe('request_key_demo_0002')
    expect(grant).toMatchObject({ issuedTo: 'D00001' })
    expect(upstream.received.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      [
        '/v4/request_key',
        { grant_type: 'authorization_code', code: 'code_demo_0001', app_id: 'app_demo_0001', app_key: 'key_demo_0001' },
      ],
    ])
  })

  it('F29: is tried again while nobody listens, and sends the code once when somebody does', async () => {
    const port = await closedPort()
    const started: Upstream[] = []
    const clock = fakeClock(async (number) => {
      if (number === 3) started.push(await httpUpstream(granted, port))
    })
    await using sikka = clientForTest({ origin: `http://127.0.0.1:${port}` }, clock)
    expect(await outcome(sikka.exchangeCode(code, never))).toBe('done')
    expect(clock.pauses).toHaveLength(3)
    const [upstream] = started
    expect(upstream?.received).toHaveLength(1)
    await upstream?.[Symbol.asyncDispose]()
  })

  it('F29: sees Sikka come back also after failures of others have opened the breaker', async () => {
    const port = await closedPort()
    const started: Upstream[] = []
    const clock = fakeClock(async (number) => {
      if (number === 1)
        for (const account of fiveAccounts) await outcome(sikka.as(account).refreshKeys(refreshKey, never))
      // Pauses are random: the breaker admits a call after the fifth or the sixth.
      if (number === 5) started.push(await httpUpstream(granted, port))
    })
    await using sikka = clientForTest({ origin: `http://127.0.0.1:${port}` }, clock)
    expect(await outcome(sikka.exchangeCode(code, never))).toBe('done')
    expect(started[0]?.received).toHaveLength(1)
    expect(sikka.log.warn).toHaveBeenCalledTimes(1)
    expect(sikka.log.info).toHaveBeenCalledTimes(1)
    await started[0]?.[Symbol.asyncDispose]()
  })

  it('F29: gives up after seven tries, the code unspent', async () => {
    await using sikka = clientForTest({ origin: `http://127.0.0.1:${await closedPort()}` })
    expect(await outcome(sikka.exchangeCode(code, never))).toBe('PROVIDER_UNAVAILABLE not_sent')
    const bounds = [250, 500, 1_000, 2_000, 4_000, 8_000]
    expect(sikka.clock.pauses).toHaveLength(bounds.length)
    for (const [index, least] of bounds.entries()) {
      expect(sikka.clock.pauses[index]).toBeGreaterThanOrEqual(least)
      expect(sikka.clock.pauses[index]).toBeLessThanOrEqual(least * 1.5)
    }
  })

  it('F29: gives up when its caller stops', async () => {
    const stop = new AbortController()
    const clock = fakeClock((number) => {
      if (number === 2) stop.abort()
    })
    await using sikka = clientForTest({ origin: `http://127.0.0.1:${await closedPort()}` }, clock)
    // The last try's failure, and not one of being stopped.
    const failure = { reason: 'not_sent', message: expect.stringContaining('ECONNREFUSED') as string }
    await expect(sikka.exchangeCode(code, stop.signal)).rejects.toMatchObject(failure)
    expect(clock.pauses).toHaveLength(2)
  })

  it.each([
    ['F31: received, then reset', reset, 'PROVIDER_UNAVAILABLE unclear'],
    ['F35: 500', json(500, { error_code: 'API2001' }), 'PROVIDER_UNAVAILABLE unclear'],
    ['F35: 502', json(502, {}), 'PROVIDER_UNAVAILABLE unclear'],
    ['F35: 503', broken, 'PROVIDER_UNAVAILABLE unclear'],
    ['F34: 429', tooMany(1), 'PROVIDER_UNAVAILABLE limited'],
    ['F32: 400', json(400, { error_code: 'API1026' }), 'CODE_REJECTED refused'],
    ['F33: 401', json(401, { error_code: 'API2003' }), 'CONFIG undefined'],
    ['F36: no keys', json(200, {}), 'BAD_RESPONSE unclear'],
    ['AT25, F38: a redirect', json(302, {}, { location: 'http://169.254.169.254/' }), 'BAD_RESPONSE unclear'],
    ['I3: 421', json(421, {}), 'BAD_RESPONSE undefined'],
  ])('%s: the code is not sent again', async (_, answer, expected) => {
    await using upstream = await httpUpstream(answer)
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.exchangeCode(code, never))).toBe(expected)
    expect(upstream.received).toHaveLength(1)
    expect(sikka.clock.pauses).toEqual([])
  })

  it('F34: waits before it sends, when the call before has used the limit up', async () => {
    await using upstream = await httpUpstream(inTurn(tooMany(7), granted))
    await using sikka = clientForTest(upstream)
    await outcome(sikka.refreshKeys(refreshKey, never))
    expect(await outcome(sikka.exchangeCode(code, never))).toBe('done')
    expect(sikka.clock.pauses).toEqual([expect.closeTo(7_000)])
    expect(upstream.received).toHaveLength(2)
  })

  it('T12: is not sent at all when its time is over before its turn', async () => {
    await using upstream = await httpUpstream(inTurn(tooMany(40), granted))
    const stop = new AbortController()
    await using sikka = clientForTest(
      upstream,
      fakeClock(() => stop.abort()),
    )
    await outcome(sikka.refreshKeys(refreshKey, never))
    expect(await outcome(sikka.exchangeCode(code, stop.signal))).toBe('PROVIDER_UNAVAILABLE limited')
    expect(upstream.received).toHaveLength(1)
  })

  it('T12: waits forty seconds, and its list as well, while background calls are told to come again', async () => {
    const lastCall = json(200, keys, { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '40' })
    await using upstream = await httpUpstream(inTurn(lastCall, json(200, { items: [] })))
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.exchangeCode(code, never))).toBe('done')
    expect(await outcome(sikka.inBackground('B').refreshKeys(refreshKey, never))).toBe('PROVIDER_UNAVAILABLE limited')
    await sikka.practicePages(requestKey, never, { left: 5 }).next()
    expect(sikka.clock.pauses).toEqual([expect.closeTo(40_000)])
    expect(upstream.received).toHaveLength(2)
  })

  it.each([
    ['its daily data', json(429, { error_code: 'API2011' }, { 'x-rate-limit-remaining': '0', 'retry-after': '3600' })],
    ['its daily calls', tooMany(3600, 'API2012')],
    ['its computer is off', json(412, { error_code: 'API2017' }, { 'x-rate-limit-remaining': '0' })],
    ['no data yet', json(500, { error_code: 'API2010' }, { 'x-rate-limit-remaining': '0', 'retry-after': '60' })],
    ['no data yet, with 503', json(503, { error_code: 'API2010' }, { 'retry-after': '60' })],
    ['503 for one office', json(503, {}, { 'retry-after': '60' })],
  ])('T10: is not held up by what is another practice’s own: %s', async (_, answer) => {
    await using upstream = await httpUpstream(inTurn(answer, granted))
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.as('B').refreshKeys(refreshKey, never))).toMatch(/^PROVIDER_UNAVAILABLE /)
    expect(sikka.heldBackFor(0)).toBe(0)
    expect(await outcome(sikka.exchangeCode(code, never))).toBe('done')
    expect(sikka.clock.pauses).toEqual([])
  })
})

describe('refreshing keys', () => {
  it('sends the refresh key, and gives the keys with the office they are for', async () => {
    await using upstream = await httpUpstream(granted)
    await using sikka = clientForTest(upstream)
    expect(await sikka.refreshKeys(refreshKey, never)).toMatchObject({ issuedTo: 'D00001' })
    expect(JSON.parse(upstream.received[0]?.body ?? '')).toEqual({
      grant_type: 'refresh_key',
      refresh_key: 'refresh_key_demo_0001',
      app_id: 'app_demo_0001',
      app_key: 'key_demo_0001',
    })
  })

  it.each([
    ['A10: refused for a parameter', json(400, { error_code: 'API1026' }), 'CONFIG bad_parameter'],
    ['A10: refused for a missing one', json(400, { error_code: 'API1020' }), 'CONFIG bad_parameter'],
    ['F96: over', json(400, { error_code: 'API1025' }), 'CODE_REJECTED refused'],
    ['F96: gone', json(410, { error_code: 'API2018' }), 'CODE_REJECTED refused'],
    ['F97: the practice withdrew', json(401, { error_code: 'API2007' }), 'PROVIDER_ERROR refused'],
    ['F95: granted, but nobody can read it', json(200, { refresh_key: 5 }), 'BAD_RESPONSE unclear'],
    ['F98: Sikka is down', broken, 'PROVIDER_UNAVAILABLE unclear'],
    ['F98: too many calls', tooMany(5), 'PROVIDER_UNAVAILABLE limited'],
    ['our application key', json(401, { error_code: 'API2003' }), 'CONFIG undefined'],
    ['a bare 400, perhaps a gateway’s', json(400, {}), 'BAD_RESPONSE undefined'],
    ['a bare 401', json(401, {}), 'CONFIG undefined'],
    ['a bare 404, perhaps of a wrong address', json(404, {}), 'BAD_RESPONSE undefined'],
  ])('%s: sent once', async (_, answer, expected) => {
    await using upstream = await httpUpstream(answer)
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.refreshKeys(refreshKey, never))).toBe(expected)
    expect(upstream.received).toHaveLength(1)
  })

  it('F29: is not tried again either when nobody listens', async () => {
    await using sikka = clientForTest({ origin: `http://127.0.0.1:${await closedPort()}` })
    expect(await outcome(sikka.refreshKeys(refreshKey, never))).toBe('PROVIDER_UNAVAILABLE not_sent')
    expect(sikka.clock.pauses).toEqual([])
  })
})

describe('renewing keys by office and secret key', () => {
  it('F96: gives keys without the user', async () => {
    await using upstream = await httpUpstream(granted)
    await using sikka = clientForTest(upstream)
    const grant = await sikka.renewKeys(office, never)
    expect(grant.requestKey.reveal()).toBe('request_key_demo_0002')
    expect(JSON.parse(upstream.received[0]?.body ?? '')).toEqual({
      grant_type: 'request_key',
      office_id: 'D00001',
      secret_key: 'secret_key_demo_0001',
      app_id: 'app_demo_0001',
      app_key: 'key_demo_0001',
    })
  })

  it.each([
    ['', { ...keys, issued_to: 'D00002' }, 'BAD_RESPONSE undefined'],
    ['', { ...keys, issued_to: ' d00001 ' }, 'done'],
    ['', { ...keys, issued_to: undefined }, 'done'],
    ['', { ...keys, issued_to: '' }, 'done'],
  ])('F43: %sof the office itself, not of another: %j', async (_, body, expected) => {
    await using upstream = await httpUpstream(json(200, body))
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.renewKeys(office, never))).toBe(expected)
  })

  it('A11: sends the office as Sikka wrote it, and compares it otherwise', async () => {
    await using upstream = await httpUpstream(json(200, { ...keys, issued_to: 'D00001' }))
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.renewKeys({ ...office, writtenOfficeId: 'd00001' }, never))).toBe('done')
    expect(JSON.parse(upstream.received[0]?.body ?? '')).toMatchObject({ office_id: 'd00001' })
  })

  it('is tried twice more after what may pass, after pauses of random length', async () => {
    await using upstream = await httpUpstream(inTurn(broken, json(500, {}), granted))
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.renewKeys(office, never))).toBe('done')
    const [first, second, ...others] = sikka.clock.pauses
    expect(first).toBeLessThan(500)
    expect(second).toBeLessThan(1_500)
    expect(others).toEqual([])
  })

  it('and not a third time', async () => {
    await using upstream = await httpUpstream(broken)
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.renewKeys(office, never))).toBe('PROVIDER_UNAVAILABLE unclear')
    expect(upstream.received).toHaveLength(3)
  })

  it.each([
    ['A10: refused for a parameter', json(400, { error_code: 'API1026' }), 'CONFIG bad_parameter'],
    ['A10: refused for a missing one', json(400, { error_code: 'API1020' }), 'CONFIG bad_parameter'],
    ['F97: over', json(400, { error_code: 'API1025' }), 'CODE_REJECTED refused'],
    ['F97: in the shape of OAuth', json(400, { error: 'invalid_token' }), 'CODE_REJECTED refused'],
    ['F97: not found', json(404, { error_code: 'API2009' }), 'CODE_REJECTED refused'],
    ['F97: the practice withdrew', json(401, { error_code: 'API2007' }), 'PROVIDER_ERROR refused'],
    ['F97: in the shape of OAuth', json(401, { error: 'access_denied' }), 'PROVIDER_ERROR refused'],
    ['F33: our application key', json(401, { error_code: 'API2004' }), 'CONFIG undefined'],
    ['a missing parameter', json(400, { error_code: 'API1004' }), 'CONFIG undefined'],
    ['a bare 400, perhaps a gateway’s', json(400, {}), 'BAD_RESPONSE undefined'],
    ['a bare 404, perhaps of a wrong address', json(404, {}), 'BAD_RESPONSE undefined'],
    ['text from outside that names no error', json(418, { error_code: 'constructor' }), 'BAD_RESPONSE undefined'],
  ])('%s: not tried again', async (_, answer, expected) => {
    await using upstream = await httpUpstream(answer)
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.renewKeys(office, never))).toBe(expected)
    expect(upstream.received).toHaveLength(1)
  })
})

describe('revoking keys', () => {
  const both = { requestKey, refreshKey }

  it('deletes both', async () => {
    await using upstream = await httpUpstream(deleted)
    await using sikka = clientForTest(upstream)
    await sikka.revokeKeys(both, never)
    const calls = upstream.received.map(({ method, path }) => `${method} ${path}`)
    expect(calls.toSorted()).toEqual(['DELETE /v4/refresh_key', 'DELETE /v4/request_key'])
  })

  it.each([
    [{ requestKey, refreshKey: undefined }, '/v4/request_key'],
    [{ requestKey: undefined, refreshKey }, '/v4/refresh_key'],
  ])('deletes what it is given', async (given, path) => {
    await using upstream = await httpUpstream(deleted)
    await using sikka = clientForTest(upstream)
    await sikka.revokeKeys(given, never)
    expect(upstream.received.map((each) => each.path)).toEqual([path])
  })

  it('takes keys that are over or gone as deleted', async () => {
    await using upstream = await httpUpstream((response, request, received) => {
      const isRequestKey = received.path === '/v4/request_key'
      json(isRequestKey ? 400 : 410, { error_code: isRequestKey ? 'API1025' : 'API2018' })(response, request, received)
    })
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.revokeKeys(both, never))).toBe('done')
  })

  it.each(['/v4/request_key', '/v4/refresh_key'])('fails when %s does, and deletes the other', async (failing) => {
    await using upstream = await httpUpstream((response, request, received) => {
      const answer = received.path === failing ? broken : deleted
      answer(response, request, received)
    })
    await using sikka = clientForTest(upstream)
    expect(await outcome(sikka.revokeKeys(both, never))).toBe('PROVIDER_UNAVAILABLE unclear')
    expect(upstream.received).toHaveLength(2)
  })
})

describe('when Sikka fails', () => {
  it('no calls are sent after five failures of several accounts, and one that works ends that', async () => {
    let answer = broken
    await using upstream = await httpUpstream((...call) => answer(...call))
    await using sikka = clientForTest(upstream)
    for (const account of fiveAccounts) await outcome(sikka.as(account).refreshKeys(refreshKey, never))
    expect(sikka.heldBackFor(55_000)).toBe(10_000)
    expect(await outcome(sikka.refreshKeys(refreshKey, never))).toBe('PROVIDER_UNAVAILABLE not_sent')
    expect(upstream.received).toHaveLength(5)

    answer = granted
    sikka.clock.pass(10_000)
    expect(sikka.heldBackFor(0)).toBe(0)
    expect(await outcome(sikka.refreshKeys(refreshKey, never))).toBe('done')
    expect(await outcome(sikka.refreshKeys(refreshKey, never))).toBe('done')
    expect([sikka.log.warn.mock.calls, sikka.log.info.mock.calls]).toEqual([
      [[{ upstream: 'sikka' }, 'upstream fails; calls are refused until it works']],
      [[{ upstream: 'sikka' }, 'upstream works again']],
    ])
  })

  it.each([
    ['F33: refusals', json(401, { error_code: 'API2003' })],
    ['F32: refusals', json(400, { error_code: 'API1026' })],
    ['F36: answers that cannot be read', json(200, {})],
    ['F37: an encoding that nobody asked for', json(200, {}, { 'content-encoding': 'gzip' })],
    ['a practice without data yet', json(500, { error_code: 'API2010' })],
    ['the daily limit of a practice', tooMany(60, 'API2012')],
    ['T10: the daily data of a practice', tooMany(60, 'API2011')],
    ['T10: a practice whose computer is off', json(503, { error_code: 'API2017' })],
    ['429 without a word on when', json(429, {})],
  ])('but not after %s', async (_, answer) => {
    await using upstream = await httpUpstream(answer)
    await using sikka = clientForTest(upstream)
    for (const account of [...fiveAccounts, 'F', 'G', 'H'])
      await outcome(sikka.as(account).refreshKeys(refreshKey, never))
    expect(sikka.heldBackFor(55_000)).toBe(0)
    expect(upstream.received).toHaveLength(8)
  })

  it('T9: nor after any number of failures of two accounts', async () => {
    await using upstream = await httpUpstream(broken)
    await using sikka = clientForTest(upstream)
    for (let call = 0; call < 12; call++) await outcome(sikka.as(String(call % 2)).refreshKeys(refreshKey, never))
    expect(sikka.heldBackFor(0)).toBe(0)
    expect(upstream.received).toHaveLength(12)
  })

  it('T8: nor after failures of calls that nobody waits for', async () => {
    await using upstream = await httpUpstream(broken)
    await using sikka = clientForTest(upstream)
    for (const account of fiveAccounts)
      await outcome(sikka.inBackground(account).revokeKeys({ requestKey, refreshKey: undefined }, never))
    expect(sikka.log.warn).toHaveBeenCalledTimes(1)
    expect(sikka.heldBackFor(0)).toBe(0)
    expect(await outcome(sikka.exchangeCode(code, never))).toBe('PROVIDER_UNAVAILABLE unclear')
    expect(upstream.received).toHaveLength(6)
  })

  it('also after five connections that did not come about', async () => {
    await using sikka = clientForTest({ origin: `http://127.0.0.1:${await closedPort()}` })
    for (const account of fiveAccounts) await outcome(sikka.as(account).refreshKeys(refreshKey, never))
    expect(sikka.heldBackFor(0)).toBe(10_000)
  })

  it('also after five resets', async () => {
    await using upstream = await httpUpstream(reset)
    await using sikka = clientForTest(upstream)
    for (const account of fiveAccounts) await outcome(sikka.as(account).refreshKeys(refreshKey, never))
    expect(sikka.heldBackFor(0)).toBe(10_000)
  })

  it('calls that their callers stopped say nothing of it', async () => {
    await using upstream = await httpUpstream(() => undefined)
    await using sikka = clientForTest(upstream)
    for (const account of fiveAccounts)
      await outcome(sikka.as(account).refreshKeys(refreshKey, AbortSignal.timeout(20)))
    expect(sikka.heldBackFor(0)).toBe(0)
  })
})

it('follows the pages of the list, with the key in a header', async () => {
  const item = (id: number) => ({ office_id: `D0000${id}`, secret_key: 'secret_key_demo_0001', practice_id: '1' })
  const page = (id: number) => json(200, { total_count: '2', items: [item(id)] })
  await using upstream = await httpUpstream(inTurn(page(1), page(2)))
  await using sikka = clientForTest(upstream)
  const offices: (string | undefined)[] = []
  for await (const { listed } of sikka.practicePages(requestKey, never, { left: 75 }))
    offices.push(...listed.map((each) => each.officeId))
  expect(offices).toEqual(['D00001', 'D00002'])
  expect(upstream.received.map(({ headers, path }) => [headers['request-key'], path])).toEqual([
    ['request_key_demo_0001', '/v4/authorized_practices?limit=500&offset=0&show=all'],
    ['request_key_demo_0001', '/v4/authorized_practices?limit=500&offset=1&show=all'],
  ])
})
