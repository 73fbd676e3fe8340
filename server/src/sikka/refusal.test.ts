import { describe, expect, it } from 'vitest'
import { isPracticesOwn, isSikkasTrouble, namedMeaning, refusalOf, statusMeaning } from './refusal.ts'

const reply = (status: number, body: unknown = '') => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  receivedAt: new Date(),
})
const byStatus = (status: number) => ({ code: 'BAD_RESPONSE', reason: 'refused', status }) as const

describe('sikka-api, Errors: what a code means', () => {
  it.each([
    ['API1001', 'CONFIG', undefined],
    ['API1002', 'CONFIG', undefined],
    ['API1003', 'CONFIG', undefined],
    ['API1004', 'CONFIG', undefined],
    ['API1005', 'CONFIG', undefined],
    ['API1020', 'CONFIG', 'bad_parameter'],
    ['API1025', undefined, 'expired_key'],
    ['API1026', 'CONFIG', 'bad_parameter'],
    ['API2001', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['API2002', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['API2003', 'CONFIG', undefined],
    ['API2004', 'CONFIG', undefined],
    ['API2006', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['API2007', 'PROVIDER_ERROR', 'refused'],
    ['API2010', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['API2011', 'PROVIDER_UNAVAILABLE', 'limited'],
    ['API2012', 'PROVIDER_UNAVAILABLE', 'limited'],
    ['API2017', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['API2022', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['API4002', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['invalid_grant', 'CODE_REJECTED', 'refused'],
    ['invalid_token', undefined, 'expired_key'],
    ['invalid_client', 'CONFIG', undefined],
    ['unauthorized_client', 'CONFIG', undefined],
    ['access_denied', 'PROVIDER_ERROR', 'refused'],
    ['temporarily_unavailable', 'PROVIDER_UNAVAILABLE', 'unclear'],
  ])('%s: %s, %s', (named, code, reason) => {
    for (const body of [{ error_code: named }, { error: named }, [{ error_code: ` ${named}\n`, error: {} }]]) {
      expect(namedMeaning(reply(400, body))).toEqual({ ...(code && { code }), ...(reason && { reason }) })
    }
  })

  it.each([
    ['a success', { error_code: 'API0002' }],
    ['one that nobody knows', { error_code: 'API9999' }],
    ['none', {}],
    ['one that is no text', { error_code: 1026 }],
    ['one of no name', { error_code: '' }],
    ['a page', '<html>'],
    ['nothing', ''],
    ['a list', []],
  ])('%s: nothing', (_, body) => {
    expect(namedMeaning(reply(400, body))).toBeUndefined()
  })

  it('A5: an empty code is absent, and the case of Sikka’s own does not matter', () => {
    expect(namedMeaning(reply(400, { error_code: '', error: 'invalid_client' }))).toEqual({ code: 'CONFIG' })
    expect(namedMeaning(reply(400, { error_code: null, error: 'invalid_client' }))).toEqual({ code: 'CONFIG' })
    expect(namedMeaning(reply(400, { error_code: 'api2003' }))).toEqual({ code: 'CONFIG' })
  })

  it('Sikka’s own code comes before that of OAuth, and what this call makes of it before the rest', () => {
    const both = reply(400, { error_code: 'API1025', error: 'invalid_client' })
    expect(namedMeaning(both)).toEqual({ reason: 'expired_key' })
    const also = new Map([['API1025', { code: 'CODE_REJECTED' }]] as const)
    expect(namedMeaning(both, also)).toEqual({ code: 'CODE_REJECTED' })
    expect(namedMeaning(reply(400, { error_code: 'API2003' }), also)).toEqual({ code: 'CONFIG' })
  })
})

describe('a refusal', () => {
  const failureOf = (answer: ReturnType<typeof reply>, also?: Parameters<typeof refusalOf>[3]) => {
    const { message, code, reason } = refusalOf(answer, 'the call', byStatus, also)
    return { message, code, reason }
  }

  it('is what its code says, and names it', () => {
    expect(failureOf(reply(401, { error_code: 'API2003' }))).toEqual({
      message: 'Sikka refused the call: HTTP 401, API2003',
      code: 'CONFIG',
      reason: undefined,
    })
  })

  it('takes from the status what its code leaves open', () => {
    expect(failureOf(reply(400, { error_code: 'API1025' }))).toEqual({
      message: 'Sikka refused the call: HTTP 400, API1025',
      code: 'BAD_RESPONSE',
      reason: 'expired_key',
    })
  })

  it('C27: without a known code is what the status says, and repeats nothing', () => {
    expect(failureOf(reply(418, { error_code: 'a text from outside' }))).toEqual({
      message: 'Sikka refused the call: HTTP 418',
      code: 'BAD_RESPONSE',
      reason: 'refused',
    })
  })

  it('is what this call makes of it', () => {
    const also = new Map([['API9999', { code: 'NO_PRACTICE' }]] as const)
    expect(failureOf(reply(400, { error_code: 'API9999' }), also)).toMatchObject({ code: 'NO_PRACTICE' })
  })
})

it.each([
  [302, 'BAD_RESPONSE', undefined],
  [400, 'BAD_RESPONSE', undefined],
  [401, 'PROVIDER_ERROR', undefined],
  [402, 'BAD_RESPONSE', undefined],
  [403, 'PROVIDER_ERROR', undefined],
  [404, 'BAD_RESPONSE', undefined],
  [429, 'PROVIDER_UNAVAILABLE', 'limited'],
  [499, 'BAD_RESPONSE', undefined],
  [500, 'PROVIDER_UNAVAILABLE', 'unclear'],
  [503, 'PROVIDER_UNAVAILABLE', 'unclear'],
])('a bare %i: %s, %s', (status, code, reason) => {
  expect(statusMeaning(status)).toEqual({ code, ...(reason && { reason }) })
})

it.each([
  ['an internal error', 500, 'API2001', true],
  ['a gateway', 503, undefined, true],
  ['the application’s limit: it works', 429, undefined, false],
  ['T10: what a practice may have in a day', 429, 'API2011', false],
  ['T10: a practice whose computer is off', 503, 'API2017', false],
  ['a practice without data yet', 500, 'API2010', false],
  ['a practice’s daily limit', 429, 'API2012', false],
  ['a refusal', 400, 'API1026', false],
  ['the last of the refusals', 499, undefined, false],
  ['a success', 200, undefined, false],
])('F29: %s (%i, %s) is Sikka’s own trouble: %s', (_, status, code, expected) => {
  expect(isSikkasTrouble(reply(status, code === undefined ? '' : { error_code: code }))).toBe(expected)
})

it.each([
  ['API2010', true],
  ['API2011', true],
  ['API2012', true],
  ['API2017', true],
  ['API2001', false],
  ['API2006', false],
  ['API1026', false],
])('T10: %s is about one practice: %s', (code, expected) => {
  for (const status of [412, 429, 500, 503]) expect(isPracticesOwn(reply(status, { error_code: code }))).toBe(expected)
})
