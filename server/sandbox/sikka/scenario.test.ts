import { describe, expect, test } from 'vitest'
import { errorCodes, sikkaErrors } from './errors.ts'
import { hugeBody } from './answer.ts'
import { Scenario } from './scenario.ts'
import { outcome, record, sikkaForTest, type TestApplication } from './test-application.ts'

/** Each call that a chosen error can hit, made so that it would succeed without the error. */
const calls: Record<string, (sikka: TestApplication) => Promise<() => Promise<Response>>> = {
  async exchangeError(sikka) {
    const code = await sikka.authorize()
    return () => sikka.exchange(code)
  },
  async refreshError(sikka) {
    const { refreshKey } = await sikka.connect()
    return () => sikka.grant({ grant_type: 'refresh_key', refresh_key: refreshKey })
  },
  async secretKeyError(sikka) {
    const { requestKey } = await sikka.connect()
    const { items } = (await (await sikka.practices(requestKey)).json()) as { items: { secret_key: string }[] }
    const grant = { grant_type: 'request_key', office_id: 'D00001', secret_key: items[0]?.secret_key }
    return () => sikka.grant(grant)
  },
  async practicesError(sikka) {
    const { requestKey } = await sikka.connect()
    return () => sikka.practices(requestKey)
  },
  async revocationError(sikka) {
    const { requestKey } = await sikka.connect()
    return () => sikka.call('/v4/request_key', { 'request-key': requestKey }, 'DELETE')
  },
}

describe.each(Object.keys(calls))('%s', (name) => {
  test('fails the call until it is reset, and every time', async () => {
    await using sikka = await sikkaForTest()
    const call = await calls[name]?.(sikka)
    if (!call) throw new Error('There is no such call')
    sikka.setScenario({ [name]: 'API2006' })
    expect(await outcome(await call())).toBe('500 API2006')
    expect(await outcome(await call())).toBe('500 API2006')
    sikka.resetScenario()
    expect((await call()).status).toBe(200)
  })

  test('fails the first call alone where it lasts no longer', async () => {
    await using sikka = await sikkaForTest()
    const call = await calls[name]?.(sikka)
    sikka.setScenario({ [name]: 'API2011', errorFor: 'first_call', rateLimitResetSeconds: 7 })
    const refused = await call?.()
    expect(refused?.status).toBe(429)
    expect(refused?.headers.get('x-rate-limit-remaining')).toBe('0')
    expect(refused?.headers.get('x-rate-limit-reset')).toBe('7')
    expect((await call?.())?.status).toBe(200)
  })
})

test.each(errorCodes.filter((code) => code !== 'API2005'))(
  '%s has its documented HTTP status and the shape',
  async (code) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ exchangeError: code })
    const answer = await sikka.exchange(await sikka.authorize())
    expect(answer.status).toBe(sikkaErrors[code].http)
    expect(await answer.json()).toEqual({
      http_code: String(sikkaErrors[code].http),
      http_code_desc: expect.stringMatching(/./) as string,
      error_code: code,
      short_message: sikkaErrors[code].says,
      long_message: expect.any(String) as string,
      more_information: '',
    })
  },
)

test.each([
  ['oauth', 'application/json', '{"error":"invalid_grant","error_description":"A parameter is missing or invalid"}'],
  ['html', 'text/html', '<html><body><h1>400 Bad Request</h1></body></html>'],
  ['empty', null, ''],
] as const)('a refused code as %s', async (errorShape, type, body) => {
  await using sikka = await sikkaForTest()
  sikka.setScenario({ code: 'refuse', errorShape })
  const answer = await sikka.exchange(await sikka.authorize())
  expect(answer.status).toBe(400)
  expect(answer.headers.get('content-type')).toBe(type)
  expect(await answer.text()).toBe(body)
})

test.each([
  ['seconds_text', '86400 second(s)'],
  ['number_text', '86400'],
  ['number', 86400],
  ['zero', '0 second(s)'],
  ['negative', '-1 second(s)'],
  ['garbage', 'until tomorrow'],
  ['empty_text', ''],
  ['null', null],
  ['exponent', '1e9'],
  ['missing', undefined],
] as const)('expires_in as %s is %j (AT27)', async (expiresIn, value) => {
  await using sikka = await sikkaForTest()
  sikka.setScenario({ expiresIn })
  expect((await record(await sikka.exchange(await sikka.authorize())))['expires_in']).toBe(value)
})

test.each([
  [{ issuedTo: 'absent' }, { issued_to: undefined }],
  [{ tokenType: 'bearer' }, { token_type: 'Bearer' }],
  [{ refreshKey: 'missing' }, { refresh_key: undefined }],
  [{ exchangeAnswer: 'missing_request_key' }, { issued_to: 'D00001', request_key: undefined }],
  [{ lifetimeSeconds: 85603 }, { expires_in: '85603 second(s)' }],
] as [Partial<Scenario>, Record<string, unknown>][])('the keys with %o', async (scenario, fields) => {
  await using sikka = await sikkaForTest()
  sikka.setScenario(scenario)
  const body = await record(await sikka.exchange(await sikka.authorize()))
  for (const [name, value] of Object.entries(fields)) expect(body[name]).toBe(value)
})

test('exchangeKeys: the running keys of the office come again, with what is left of their life, until they are dead', async () => {
  let now = new Date('2026-11-21T10:00:00Z')
  await using sikka = await sikkaForTest({ now: () => now })
  const exchange = async () => record(await sikka.exchange(await sikka.authorize()))
  const first = await exchange()
  sikka.setScenario({ exchangeKeys: 'running' })
  now = new Date(now.getTime() + 3_600_000)
  const again = await exchange()
  expect(again).toMatchObject({ request_key: first['request_key'], refresh_key: first['refresh_key'] })
  expect(again['expires_in']).toBe('82800 second(s)')
  await sikka.call('/v4/request_key', { 'request-key': String(first['request_key']) }, 'DELETE')
  const last = await exchange()
  expect(last['request_key']).not.toBe(first['request_key'])
  expect(last['refresh_key']).toBe(first['refresh_key'])
})

test('end_time lies in the past where the scenario says so', async () => {
  await using sikka = await sikkaForTest({ now: () => new Date('2026-11-21T10:00:00Z') })
  sikka.setScenario({ endTime: 'past' })
  const body = await record(await sikka.exchange(await sikka.authorize()))
  expect(body['end_time']).toBe('2026-11-20T10:00:00')
})

describe.each([
  ['exchangeAnswer', 'exchangeError'],
  ['practicesAnswer', 'practicesError'],
] as const)('%s', (name, callOf) => {
  async function answered(sikka: TestApplication, kind: Scenario['practicesAnswer']): Promise<Response> {
    const call = await calls[callOf]?.(sikka)
    sikka.setScenario({ [name]: kind })
    if (!call) throw new Error('There is no such call')
    return call()
  }

  test('html, nothing, or JSON that is cut or of another type', async () => {
    await using sikka = await sikkaForTest()
    const html = await answered(sikka, 'html')
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html'])
    expect(await (await answered(sikka, 'empty')).text()).toBe('')
    const truncated = await (await answered(sikka, 'truncated')).text()
    expect(truncated).toMatch(/^\{"/)
    expect(() => JSON.parse(truncated) as unknown).toThrow(SyntaxError)
    expect(await (await answered(sikka, 'wrong_type')).json()).toEqual([42])
  })

  test('a redirect that leads to a trap, which counts who follows (AT25, F38)', async () => {
    await using sikka = await sikkaForTest()
    const redirect = await answered(sikka, 'redirect')
    expect(redirect.status).toBe(302)
    expect(sikka.calls.followedRedirects).toBe(0)
    await fetch(redirect.headers.get('location') ?? '')
    expect(sikka.calls.followedRedirects).toBe(1)
  })

  test.each(['huge', 'gzip_bomb'] as const)('%s: more than 50 MiB of good JSON (F37)', async (kind) => {
    await using sikka = await sikkaForTest()
    let size = 0
    let end = ''
    const decoder = new TextDecoder()
    for await (const chunk of (await answered(sikka, kind)).body ?? []) {
      size += chunk.byteLength
      end = decoder.decode(chunk.subarray(-1))
    }
    expect(size).toBeGreaterThan(hugeBody)
    expect(end).toBe('}')
  })

  test('huge, to a reader that leaves, does the stand-in no harm', async () => {
    await using sikka = await sikkaForTest()
    for (const kind of ['huge', 'gzip_bomb'] as const) {
      const reader = (await answered(sikka, kind)).body?.getReader()
      await reader?.read()
      await reader?.cancel()
    }
    sikka.resetScenario()
    expect(await sikka.connect()).toMatchObject({ requestKey: expect.stringMatching(/^requestkey/) as string })
  })
})

describe('without an answer', () => {
  test('an exchange that hangs has spent the code, and the stand-in stops all the same (F30, F31)', async () => {
    const sikka = await sikkaForTest()
    const code = await sikka.authorize({ 'scenario.exchangeAnswer': 'hang' })
    const hanging = sikka.exchange(code).catch((error: unknown) => error)
    await expect.poll(() => sikka.calls.exchangesByCode[1]).toBe(1)
    expect(await outcome(await sikka.exchange(code))).toBe('400 API1026')
    await sikka.close()
    expect(await hanging).toBeInstanceOf(TypeError)
  })

  test('a client may leave a delayed exchange, and the code is spent', async () => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ exchangeDelayMs: 600_000 })
    const code = await sikka.authorize()
    const leave = new AbortController()
    const left = sikka.exchange(code, leave.signal).catch((error: unknown) => error)
    await expect.poll(() => sikka.calls.exchangesByCode[1]).toBe(1)
    leave.abort()
    expect(await left).toBeInstanceOf(DOMException)
    sikka.setScenario({ exchangeDelayMs: 0 })
    expect(await outcome(await sikka.exchange(code))).toBe('400 API1026')
  })

  test.each([
    ['exchangeDelayMs', 'exchangeError'],
    ['practicesDelayMs', 'practicesError'],
  ] as const)('%s holds the answer back for so long', async (name, callOf) => {
    await using sikka = await sikkaForTest()
    const call = await calls[callOf]?.(sikka)
    sikka.setScenario({ [name]: 60 })
    const before = performance.now()
    expect((await call?.())?.status).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(55)
  })
})

test('every switch has a default and says what it does', () => {
  expect(Object.keys(Scenario.parse({})).toSorted()).toEqual(Object.keys(Scenario.shape).toSorted())
  for (const one of Object.values(Scenario.shape)) expect(one.description).toMatch(/^[A-Z].+\.$/)
})

test.each([
  ['gzip', 'application/json', 200],
  ['deflate', 'application/json', 200],
  ['brotli', 'application/json', 200],
  ['byte_order_mark', 'application/json', 200],
  ['latin1', 'application/json; charset=ISO-8859-1', 200],
  ['created', 'application/json', 201],
] as const)('A4, A6: an exchange answered with %s has the whole grant', async (exchangeAnswer, type, status) => {
  await using sikka = await sikkaForTest()
  sikka.setScenario({ exchangeAnswer })
  const answer = await sikka.exchange(await sikka.authorize())
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, type])
  expect(JSON.parse((await answer.text()).trim())).toMatchObject({ issued_to: 'D00001' })
})

test('A1: an odd answer lasts for the first call alone where the scenario says so', async () => {
  await using sikka = await sikkaForTest()
  const { requestKey } = await sikka.connect()
  sikka.setScenario({ practicesAnswer: 'api2005', errorFor: 'first_call' })
  expect(await outcome(await sikka.practices(requestKey))).toBe('200 API2005')
  expect(await outcome(await sikka.practices(requestKey))).toBe('200 ok')
})

test('A7: a body of many parts is small', async () => {
  await using sikka = await sikkaForTest()
  const { requestKey } = await sikka.connect()
  sikka.setScenario({ practicesAnswer: 'many_parts' })
  const body = await (await sikka.practices(requestKey)).text()
  expect(body.length).toBeLessThan(2 * 1024 * 1024)
  expect(body).toMatch(/^\{"items":\[(\{\},)+\{\}\]\}$/)
})

test('A2, A3: absent values are "", and keys have white space around them, where the scenario says so', async () => {
  await using sikka = await sikkaForTest()
  sikka.setScenario({ absentValues: 'empty_text', issuedTo: 'absent', refreshKey: 'missing', whiteSpace: 'around' })
  const body = await record(await sikka.exchange(await sikka.authorize()))
  expect(body).toMatchObject({ issued_to: '', refresh_key: '' })
  expect(body['request_key']).toMatch(/^ requestkeydemo\d+\r\n$/)
  sikka.setScenario({ issuedTo: 'unreadable' })
  expect(await record(await sikka.exchange(await sikka.authorize()))).toMatchObject({
    issued_to: { office_id: 'D00001' },
  })
})

test.each(['unknown_code', 'error_status', 'html'] as const)(
  'A5: a revocation answered with %s leaves the key alive',
  async (revocationAnswer) => {
    await using sikka = await sikkaForTest()
    const { requestKey } = await sikka.connect()
    sikka.setScenario({ revocationAnswer })
    expect((await sikka.call('/v4/request_key', { 'request-key': requestKey }, 'DELETE')).status).toBe(200)
    expect((await sikka.practices(requestKey)).status).toBe(200)
  },
)
