import { ErrorResponse, ErrorTimeout } from 'oidc-client-ts'
import { expect, test } from 'vitest'
import { isPassing } from './sign-in-library.ts'

test.each([
  ['no network', new TypeError('Failed to fetch'), true],
  ['no answer in time', new ErrorTimeout('Network timed out'), true],
  ['a gateway without a body', new Error('Bad Gateway (502)'), true],
  ['too many requests', new Error('Too Many Requests (429): {}'), true],
  ['a provider in trouble', new ErrorResponse({ error: 'temporarily_unavailable' }), true],
  ['a refresh token refused', new ErrorResponse({ error: 'invalid_grant' }), false],
  ['an unknown client', new ErrorResponse({ error: 'invalid_client' }), false],
  ['another person in the new ID token', new Error('sub in id_token does not match current sub'), false],
  ['not found', new Error('Not Found (404)'), false],
  ['not an error', 'oops', false],
])('%s', (_case, error, passing) => {
  expect(isPassing(error)).toBe(passing)
})
