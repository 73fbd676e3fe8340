import { expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { applicationCheck, readApplicationCheck } from './check-application.ts'

it.each([
  ['nothing there', 204, '', 'known'],
  ['offices', 200, { items: [] }, 'known'],
  ['nothing, as a 200', 200, { error_code: 'API2005' }, 'known'],
  ['a parameter that it misses', 400, { error_code: 'API1003' }, 'known'],
  ['a parameter that it does not like', 400, { error_code: 'API1020' }, 'known'],
  ['a practice that withdrew', 401, { error_code: 'API2007' }, 'known'],
  ['not found', 404, '<html>', 'known'],
  ['a wrong key', 401, { error_code: 'API2003' }, 'CONFIG'],
  ['a wrong key, in the shape of OAuth', 401, { error: 'invalid_client' }, 'CONFIG'],
  ['no right to the API', 401, { error_code: 'API2004' }, 'CONFIG'],
  ['no application', 400, { error_code: 'API1001' }, 'CONFIG'],
  ['a bare 401', 401, '', 'CONFIG'],
  ['too many calls', 429, '', 'PROVIDER_UNAVAILABLE limited'],
  ['an error of its own', 500, { error_code: 'API2001' }, 'PROVIDER_UNAVAILABLE unclear'],
  ['a gateway', 502, '<html>', 'PROVIDER_UNAVAILABLE unclear'],
])('S12: Sikka answers %s', (_, status, body, outcome) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const read = (): string => {
    try {
      readApplicationCheck({ status, body: text, receivedAt: new Date() })
      return 'known'
    } catch (error) {
      const { code, reason } = error as { code: string; reason: string | undefined }
      return reason ? `${code} ${reason}` : code
    }
  }
  expect(read()).toBe(outcome)
})

it('S12: the call is a documented one, by the application alone, for one office at most', () => {
  const [url, request] = applicationCheck('https://api.example.com', { id: 'app', key: new Redacted('key') })
  expect(url.href).toBe('https://api.example.com/v4/data_sync_status?interval=1&limit=1')
  expect(request).toEqual({
    method: 'GET',
    headers: { accept: 'application/json', 'app-id': 'app', 'app-key': 'key' },
  })
})
