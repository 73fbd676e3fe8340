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
  expect(readCallbackQuery(new URLSearchParams(search))).toMatchObject(expected)
})

it.each([
  ['F18: a denial without a state', 'error=access_denied', 'denied'],
  ['F14: nothing', '', 'malformed'],
  ['F14: no state', 'code=c', 'malformed'],
  ['F14: an error without a state', 'error=server_error', 'malformed'],
  ['F14: an empty state', 'state=&code=c', 'malformed'],
  ['F14: a denial with an empty state', 'error=access_denied&state=', 'malformed'],
  ['F16: an empty code', 'code=&state=s', 'malformed'],
  ['F15: two codes', 'code=c&code=d&state=s', 'malformed'],
  ['F15: two states', 'code=c&state=s&state=t', 'malformed'],
  ['F15: two errors', 'error=access_denied&error=access_denied&state=s', 'malformed'],
  ['F15: a code and an error', 'code=c&error=access_denied&state=s', 'malformed'],
  ['F15: an array', 'code=c&state[]=s', 'malformed'],
  ['AT18: a code of more than 2,048 characters', `code=${'c'.repeat(2049)}&state=s`, 'malformed'],
])('%s: %s is %s', (_, search, expected) => {
  expect(readCallbackQuery(new URLSearchParams(search))).toBe(expected)
})

it('the older address is a callback only with something to call back with', () => {
  expect(['code=c', 'state=s', 'error=e'].every((search) => isCallback(new URLSearchParams(search)))).toBe(true)
  expect(isCallback(new URLSearchParams('status=connecting'))).toBe(false)
})
