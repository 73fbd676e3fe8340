import { TRPCClientError } from '@trpc/client'
import { expect, test } from 'vitest'
import { mayPass, readApiFailure } from './api-failure.ts'

/** An error as the tRPC client makes it from an answer of the server. */
function answered(code: string, headers: Record<string, string> = {}) {
  const result = { error: { code: -32000, message: 'm', data: { code, httpStatus: 400, requestId: 'r1' } } }
  return new TRPCClientError('m', { result, meta: { response: new Response(null, { headers }) } })
}

test.each([
  ['an answer', answered('NOT_FOUND'), { code: 'NOT_FOUND', requestId: 'r1', retryAfter: 0 }],
  ['a limit', answered('TOO_MANY_REQUESTS', { 'retry-after': '7' }), { code: 'TOO_MANY_REQUESTS', retryAfter: 7_000 }],
  ['a limit without end', answered('TOO_MANY_REQUESTS', { 'retry-after': '99999999' }), { retryAfter: 900_000 }],
  ['a date', answered('TOO_MANY_REQUESTS', { 'retry-after': 'Sat, 21 Nov 2026 10:00:00 GMT' }), { retryAfter: 0 }],
  ['a code of a newer server', answered('TEAPOT'), { code: undefined, requestId: 'r1' }],
  ['no network', TRPCClientError.from(new TypeError('Failed to fetch')), { code: undefined, requestId: undefined }],
  ['anything else', 'oops', { code: undefined, requestId: undefined, retryAfter: 0 }],
])('reads %s', (_case, error, failure) => {
  expect(readApiFailure(error)).toMatchObject(failure)
})

test.each([
  ['TOO_MANY_REQUESTS', true],
  ['SERVICE_UNAVAILABLE', true],
  ['INTERNAL_SERVER_ERROR', true],
  ['NOT_FOUND', false],
  ['UNAUTHORIZED', false],
  ['FORBIDDEN', false],
  ['BAD_REQUEST', false],
])('%s may pass: %s', (code, passes) => {
  expect(mayPass(readApiFailure(answered(code)))).toBe(passes)
})

test('no answer at all may pass', () => {
  expect(mayPass(readApiFailure(new TypeError('Failed to fetch')))).toBe(true)
})
