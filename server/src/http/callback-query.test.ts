import { expect, it } from 'vitest'
import { isCallback, readCallbackQuery } from './callback-query.ts'

it.each([
  ['code=c&state=s', { kind: 'code', state: 's' }],
  [`code=${'c'.repeat(2048)}&state=s`, { kind: 'code', state: 's' }],
  ['error=access_denied&state=s', { kind: 'denied', state: 's' }],
  ['error=access_denied&error_description=x&state=s', { kind: 'denied', state: 's' }],
  ['error=server_error&state=s', { kind: 'unclear', state: 's' }],
  ['error=%3Cscript%3E&status=connected&state=s', { kind: 'unclear', state: 's' }],
  ['state=s', { kind: 'unclear', state: 's' }],
])('F14 to F19: %s', (search, expected) => {
  expect(readCallbackQuery(new URLSearchParams(search))).toMatchObject(expected)
})

it.each([
  ['error=access_denied', 'denied'],
  ['', 'malformed'],
  ['code=c', 'malformed'],
  ['error=server_error', 'malformed'],
  ['state=&code=c', 'malformed'],
  ['error=access_denied&state=', 'malformed'],
  ['code=&state=s', 'malformed'],
  ['code=c&code=d&state=s', 'malformed'],
  ['code=c&state=s&state=t', 'malformed'],
  ['error=access_denied&error=access_denied&state=s', 'malformed'],
  ['code=c&error=access_denied&state=s', 'malformed'],
  ['code=c&state[]=s', 'malformed'],
  [`code=${'c'.repeat(2049)}&state=s`, 'malformed'],
])('F14 to F19: %s is %s', (search, expected) => {
  expect(readCallbackQuery(new URLSearchParams(search))).toBe(expected)
})

it('the older address is a callback only with something to call back with', () => {
  expect(['code=c', 'state=s', 'error=e'].every((search) => isCallback(new URLSearchParams(search)))).toBe(true)
  expect(isCallback(new URLSearchParams('status=connecting'))).toBe(false)
})
