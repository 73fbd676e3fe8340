import { describe, expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { readRevocation, refreshKeyRevocation, requestKeyRevocation } from './revocation.ts'

const outcome = (status: number, body: unknown): unknown => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  try {
    readRevocation({ status, body: text, receivedAt: new Date() })
    return 'done'
  } catch (error) {
    const { code, reason } = error as { code: string; reason: string | undefined }
    return reason ? `${code} ${reason}` : code
  }
}

describe('the answer to a revocation', () => {
  it.each([
    ['deleted', 200, { http_code: '200', error_code: 'API0002' }, 'done'],
    ['deleted, without a word', 204, '', 'done'],
    ['deleted, said otherwise', 200, { deleted: true }, 'done'],
    ['expired before', 400, { error_code: 'API1025' }, 'done'],
    ['A10: refused for a parameter', 400, { error_code: 'API1026' }, 'CONFIG bad_parameter'],
    ['A10: refused for a missing one', 400, { error_code: 'API1020' }, 'CONFIG bad_parameter'],
    ['in the shape of OAuth', 400, { error: 'invalid_token' }, 'done'],
    ['not found', 404, { error_code: 'API2009' }, 'done'],
    ['gone', 410, { error_code: 'API2018' }, 'done'],
    ['of a practice that withdrew', 401, { error_code: 'API2007' }, 'done'],
    ['with a wrong application key', 401, { error_code: 'API2003' }, 'CONFIG'],
    ['too many calls', 429, { error_code: 'API2011' }, 'PROVIDER_UNAVAILABLE limited'],
    ['an internal error', 500, { error_code: 'API2001' }, 'PROVIDER_UNAVAILABLE unclear'],
    ['an internal error with status 200', 200, { error_code: 'API2001' }, 'PROVIDER_UNAVAILABLE unclear'],
    ['a gateway', 503, '<html>', 'PROVIDER_UNAVAILABLE unclear'],
    ['A5: with another success code', 200, { error_code: 'API0003' }, 'done'],
    ['A5: deleted, in an array', 200, [{ http_code: '200', error_code: 'API0002' }], 'done'],
    ['A5: deleted, with 202', 202, { http_code: '202', error_code: 'API0002' }, 'done'],
    ['A5: deleted, without a code', 200, { http_code: 200, error_code: '' }, 'done'],
    ['A5: nothing there', 200, { error_code: 'API2005' }, 'done'],
    ['A5: an unknown code with status 200', 200, { http_code: '200', error_code: 'API9999' }, 'BAD_RESPONSE'],
    ['A5: a number for a code', 200, { error_code: 4002 }, 'BAD_RESPONSE'],
    ['A5: a decryption error with status 200', 200, { error_code: 'API4002' }, 'PROVIDER_UNAVAILABLE unclear'],
    ['A5: an error of OAuth with status 200', 200, { error: 'server_error' }, 'BAD_RESPONSE'],
    ['A5: an error in an object', 200, { error: { code: 500 } }, 'BAD_RESPONSE'],
    ['A5: an error status in the message alone', 200, { http_code: '500', error_code: '' }, 'BAD_RESPONSE'],
    ['A5: an error in an array', 200, [{ error_code: 'API2001' }], 'PROVIDER_UNAVAILABLE unclear'],
    ['A5: an empty array', 200, [], 'BAD_RESPONSE'],
    ['a page', 200, '<html>', 'BAD_RESPONSE'],
    ['a bare 401', 401, '', 'PROVIDER_ERROR'],
    ['a bare 404, perhaps of a wrong address', 404, '<html>', 'BAD_RESPONSE'],
    ['a redirect', 302, '', 'BAD_RESPONSE'],
  ])('%s', (_, status, body, expected) => {
    expect(outcome(status, body)).toBe(expected)
  })
})

it('has the key in a header, and only the refresh key needs the application too', () => {
  expect(requestKeyRevocation(new Redacted('request_key_demo_0001'))).toEqual({
    method: 'DELETE',
    headers: { accept: 'application/json', 'request-key': 'request_key_demo_0001' },
  })
  const application = { id: 'app_demo_0001', key: new Redacted('key_demo_0001') }
  expect(refreshKeyRevocation(new Redacted('refresh_key_demo_0001'), application)).toEqual({
    method: 'DELETE',
    headers: {
      accept: 'application/json',
      'refresh-key': 'refresh_key_demo_0001',
      'app-id': 'app_demo_0001',
      'app-key': 'key_demo_0001',
    },
  })
})
