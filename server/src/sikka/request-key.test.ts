import { describe, expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { unreadableOffice } from '../office-id.ts'
import { codeExchangeRequest, readCodeExchange, readLifetime } from './request-key.ts'

const receivedAt = new Date('2026-03-01T12:00:00.000Z')
const reply = (status: number, body: unknown) => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  receivedAt,
})
const granted = {
  request_key: 'request_key_demo_0001',
  refresh_key: 'refresh_key_demo_0001',
  issued_to: 'D00001',
  expires_in: '85603 second(s)',
}
/** What an answer may say of a key beside the key, said as nobody expects it. */
const odd = {
  refresh_key: null,
  issued_to: [],
  expires_in: { seconds: 5 },
  start_time: 7,
  end_time: '',
  status: 'inactive',
  request_count: null,
  scope: [],
  domain: false,
  token_type: 'MAC',
  href: null,
}
const codeOf = (status: number, body: unknown): unknown => {
  try {
    readCodeExchange(reply(status, body))
  } catch (error) {
    return (error as { code: unknown }).code
  }
  return 'granted'
}

describe('AT27: expires_in', () => {
  it.each([
    ['85603 second(s)', 85603],
    ['85603 seconds', 85603],
    ['85603', 85603],
    [85603, 85603],
    ['1 second(s)', 1],
    [2_592_000, 2_592_000],
    [2_592_001, undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [0, undefined],
    ['0 second(s)', undefined],
    [-1, undefined],
    ['-5', undefined],
    ['1e9', undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
    ['a day', undefined],
    [{ seconds: 5 }, undefined],
  ])('%j is %s seconds', (value, seconds) => {
    expect(readLifetime(value)).toBe(seconds)
  })

  it('counts from the receipt, and for an hour when it says nothing usable', () => {
    expect(readCodeExchange(reply(200, granted)).expiresAt).toEqual(new Date('2026-03-02T11:46:43.000Z'))
    expect(readCodeExchange(reply(200, { ...granted, expires_in: 'soon' })).expiresAt).toEqual(
      new Date('2026-03-01T13:00:00.000Z'),
    )
  })
})

describe('the answer to an exchange', () => {
  it('grants the keys, which do not show themselves', () => {
    const grant = readCodeExchange(reply(200, granted))
    expect(grant.requestKey.reveal()).toBe('request_key_demo_0001')
    expect(grant.refreshKey?.reveal()).toBe('refresh_key_demo_0001')
    expect(JSON.stringify(grant)).not.toContain('demo')
  })

  it.each([
    [' d00001 ', 'D00001'],
    [12345, '12345'],
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
    [' \t', undefined],
    [{ id: 'D00001' }, unreadableOffice],
    [['D00001', 'D00002'], unreadableOffice],
    [true, unreadableOffice],
    ['D00001, D00002', unreadableOffice],
    ['D'.repeat(65), unreadableOffice],
    [1e21, unreadableOffice],
  ])('A2, F43: issued_to %j is the office “%s”', (issued, office) => {
    expect(readCodeExchange(reply(200, { ...granted, issued_to: issued })).issuedTo).toBe(office)
  })

  it.each([' ', '\r\n', '\t', '\u00a0'])('A3: white space (%j) around keys is trimmed', (blank) => {
    const grant = readCodeExchange(
      reply(200, {
        request_key: `${blank}${granted.request_key}${blank}`,
        refresh_key: `${granted.refresh_key}${blank}`,
        issued_to: `D00001${blank}`,
      }),
    )
    expect(grant.requestKey.reveal()).toBe(granted.request_key)
    expect(grant.refreshKey?.reveal()).toBe(granted.refresh_key)
    expect(grant.issuedTo).toBe('D00001')
  })

  it('may be wrapped in an array, and lack its refresh key and its life', () => {
    const { refresh_key: _, expires_in: __, ...rest } = granted
    expect(readCodeExchange(reply(200, [rest])).refreshKey).toBeUndefined()
  })

  it.each([
    ['F32: a bad or used code', 400, { http_code: '400', error_code: 'API1026' }, 'CODE_REJECTED'],
    ['F32: in the shape of OAuth', 400, { error: 'invalid_grant', error_description: 'x' }, 'CODE_REJECTED'],
    ['F32: with nothing in it', 400, '', 'CODE_REJECTED'],
    ['F32: as HTML', 400, '<html>', 'CODE_REJECTED'],
    ['F33: a wrong application key', 401, { error_code: 'API2003' }, 'CONFIG'],
    ['F33: in the shape of OAuth', 401, { error: 'invalid_client' }, 'CONFIG'],
    ['a missing parameter', 400, { error_code: 'API1001' }, 'CONFIG'],
    ['F34: too many calls', 429, { error_code: 'API2011' }, 'PROVIDER_UNAVAILABLE'],
    ['F35: an internal error', 500, { error_code: 'API2001' }, 'PROVIDER_UNAVAILABLE'],
    ['F35: a gateway', 503, '<html>', 'PROVIDER_UNAVAILABLE'],
    ['AT25, F38: a redirect', 302, '', 'BAD_RESPONSE'],
    ['F36: HTML', 200, '<html>', 'BAD_RESPONSE'],
    ['F36: nothing', 200, '', 'BAD_RESPONSE'],
    ['F36: cut off', 200, '{"request_key":"requ', 'BAD_RESPONSE'],
    ['F36: no key', 200, { ...granted, request_key: undefined }, 'BAD_RESPONSE'],
    ['A2: an issued_to that is empty', 200, { ...granted, issued_to: '' }, 'granted'],
    ['A2: an issued_to that cannot be read', 200, { ...granted, issued_to: { id: 'D00001' } }, 'granted'],
    ['A2: a refresh key that is empty', 200, { ...granted, refresh_key: '' }, 'granted'],
    ['A2: a refresh key that cannot be read', 200, { ...granted, refresh_key: [5] }, 'granted'],
    ['A2: everything else odd', 200, { ...granted, ...odd }, 'granted'],
    ['A2: everything else absent', 200, { request_key: granted.request_key }, 'granted'],
    ['A2: in an array', 200, [granted], 'granted'],
    ['A2: as a JSON text', 200, JSON.stringify(JSON.stringify(granted)), 'granted'],
    ['A2: behind a byte order mark', 200, `\ufeff${JSON.stringify(granted)}`, 'granted'],
    ['A6: 201 with a whole grant', 201, granted, 'granted'],
    ['A6: 202 with a whole grant', 202, granted, 'granted'],
    ['A6: 203 with a whole grant', 203, granted, 'granted'],
    ['A6: 299 with a whole grant', 299, granted, 'granted'],
    ['A6: 201 without one', 201, {}, 'BAD_RESPONSE'],
    ['A6: 204', 204, '', 'BAD_RESPONSE'],
    ['A6: a redirect with a whole grant', 302, granted, 'BAD_RESPONSE'],
    ['A5: API4002 with a whole grant', 200, { ...granted, error_code: 'API4002' }, 'PROVIDER_UNAVAILABLE'],
    ['A5: API4002 without', 200, { error_code: 'API4002' }, 'PROVIDER_UNAVAILABLE'],
    ['A5: API1025 with a whole grant', 200, { ...granted, error_code: 'API1025' }, 'CODE_REJECTED'],
    ['A5: API2007 with a whole grant', 200, { ...granted, error_code: 'API2007' }, 'PROVIDER_ERROR'],
    ['A5: API2007 in an array', 200, [{ error_code: ' api2007' }], 'PROVIDER_ERROR'],
    ['A5: an unknown code with a whole grant', 200, { ...granted, error_code: 'API9999' }, 'BAD_RESPONSE'],
    ['A5: a code of OAuth with a whole grant', 200, { ...granted, error: 'invalid_grant' }, 'CODE_REJECTED'],
    ['A5: empty codes with a whole grant', 200, { ...granted, error_code: '', error: null }, 'granted'],
    ['A5: another success with a code', 200, { ...granted, error_code: 'API4006' }, 'granted'],
    ['F36: a key that no header takes', 200, { ...granted, request_key: 'request\nkey' }, 'BAD_RESPONSE'],
    ['F36: a key of the wrong type', 200, { ...granted, request_key: 5 }, 'BAD_RESPONSE'],
    ['an error with status 200', 200, { error_code: 'API1026' }, 'CODE_REJECTED'],
    ['a success with a code', 200, { ...granted, error_code: 'API0002' }, 'granted'],
  ])('%s', (_, status, body, code) => {
    expect(codeOf(status, body)).toBe(code)
  })

  it('C27: a refusal repeats nothing of what Sikka wrote', () => {
    const hostile = { error_code: 'API1026', long_message: 'code_demo_secret', short_message: '<script>' }
    expect(() => readCodeExchange(reply(400, hostile))).toThrow(/^Sikka refused the exchange: HTTP 400, API1026$/)
  })
})

it('asks for the authorization_code grant, with code and application', () => {
  const request = codeExchangeRequest(new Redacted('code_demo_0001'), {
    id: 'app_demo_0001',
    key: new Redacted('key_demo_0001'),
  })
  expect(JSON.parse(request.body as string)).toEqual({
    grant_type: 'authorization_code',
    code: 'code_demo_0001',
    app_id: 'app_demo_0001',
    app_key: 'key_demo_0001',
  })
})
