import { expect, it } from 'vitest'
import { isCallback, readCallbackQuery } from './callback-query.ts'

it.each([
  ['a code', 'code=c&state=s', { kind: 'code', state: 's' }],
  ['a code of 2,048 characters', `code=${'c'.repeat(2048)}&state=s`, { kind: 'code', state: 's' }],
  ['F17: a denial', 'error=access_denied&state=s', { kind: 'denied', state: 's' }],
  [
    'F17: a denial with a description',
    'error=access_denied&error_description=x&state=s',
    { kind: 'denied', state: 's' },
  ],
  ['F16: another error', 'error=server_error&state=s', { kind: 'unclear', state: 's' }],
  ['F16: neither code nor error', 'state=s', { kind: 'unclear', state: 's' }],
  ['F19: markup and a status', 'error=%3Cscript%3E&status=connected&state=s', { kind: 'unclear', state: 's' }],
])('%s: %s', (_, search, expected) => {
  expect(readCallbackQuery(search)).toMatchObject(expected)
})

it.each([
  ['F18: a denial without a state', 'error=access_denied', 'denied'],
  ['F14: nothing', '', 'malformed'],
  ['F14: no state', 'code=c', 'malformed'],
  ['F14: an error without a state', 'error=server_error', 'malformed'],
  ['F14: an empty state', 'state=&code=c', 'malformed'],
  ['F15: two codes', 'code=c&code=d&state=s', 'malformed'],
  ['F15: two states', 'code=c&state=s&state=t', 'malformed'],
  ['F15: two errors', 'error=access_denied&error=access_denied&state=s', 'malformed'],
  ['F15: an array', 'code=c&state[]=s', 'malformed'],
  ['AT18: a code of more than 2,048 characters', `code=${'c'.repeat(2049)}&state=s`, 'malformed'],
])('%s: %s is %s', (_, search, expected) => {
  expect(readCallbackQuery(search)).toBe(expected)
})

it.each([
  ['error=access_denied&state=', 'denied'],
  ['error=&code=&state=', 'malformed'],
  ['error=user_denied', 'denied'],
  ['code=&code=c&state=s', 'malformed'],
  ['code=c&Code=c&state=s', 'malformed'],
  ['error=&error=access_denied&state=s', 'malformed'],
])('S17: without a state, or with a name twice: %s is %s', (search, expected) => {
  expect(readCallbackQuery(search)).toBe(expected)
})

it.each([
  ['code=c&error=&state=s', 'code'],
  ['code=&error=access_denied&state=s', 'denied'],
  ['code=c&error=access_denied&state=s', 'denied'],
  ['code=c&error=server_error&state=s', 'unclear'],
  ['code=&state=s', 'unclear'],
  ['code=&error=&state=s', 'unclear'],
  ['ERROR=access_denied&State=s', 'denied'],
])('S17: %s is read as %s', (search, kind) => {
  expect(readCallbackQuery(search)).toMatchObject({ kind, state: 's' })
})

it.each([
  'access_denied',
  'Access_Denied',
  'ACCESS-DENIED',
  'access+denied',
  'access%20denied',
  'accessDenied',
  'user_denied',
  'consent_denied',
  'denied',
  'user_cancelled_authorize',
  'user_canceled',
  'cancelled',
  'authorization_declined',
  'user_rejected',
  'refused',
])('S17: %s is a denial', (error) => {
  expect(readCallbackQuery(`error=${error}&state=s`)).toMatchObject({ kind: 'denied' })
})

it.each(['server_error', 'invalid_request', 'unauthorized_client', 'code_rejected', 'temporarily_unavailable', '1'])(
  'S17: %s is no denial',
  (error) => {
    expect(readCallbackQuery(`error=${error}&state=s`)).toMatchObject({ kind: 'unclear' })
  },
)

it.each([
  ['code=a+b/c%3D&state=s', 'a+b/c='],
  ['code=a%2Bb&state=s', 'a+b'],
  ['code=a%20b&state=s', 'a b'],
])('S17: a plus sign in a code is one: %s', (search, code) => {
  const read = readCallbackQuery(search)
  expect(typeof read === 'object' && read.kind === 'code' && read.code.reveal()).toBe(code)
})

it('the older address is a callback only with something to call back with', () => {
  expect(['code=c', 'state=s', 'error=e', 'Code=c'].every((search) => isCallback(search))).toBe(true)
  expect(isCallback('status=connecting')).toBe(false)
})
