import { expect, test } from 'vitest'
import { returnPath } from './return-path.ts'

const origin = 'https://app.example.com'
const attempt = '/agent/setup/pms?status=connecting&attempt=0b5b6f5e-3f0c-4d53-8a39-7a2b6f6d3f11'

test.each([
  ['a path with its query', { returnTo: attempt }, attempt],
  ['another page', { returnTo: '/agent/setup/review' }, '/agent/setup/review'],
  ['a fragment is dropped', { returnTo: '/agent/setup/review#x' }, '/agent/setup/review'],
  ['another origin', { returnTo: 'https://evil.example/' }, '/agent/setup/pms'],
  ['another origin without scheme', { returnTo: '//evil.example/' }, '/agent/setup/pms'],
  ['another origin by backslash', { returnTo: '/\\evil.example' }, '/agent/setup/pms'],
  ['another origin behind a tab', { returnTo: '/\t/evil.example' }, '/agent/setup/pms'],
  ['a script', { returnTo: 'javascript:alert(1)' }, '/agent/setup/pms'],
  ['a relative path', { returnTo: 'agent/setup/review' }, '/agent/setup/pms'],
  ['the sign-in address itself', { returnTo: '/auth/callback?code=c&state=s' }, '/agent/setup/pms'],
  ['the sign-in address itself, with a slash', { returnTo: '/auth/callback/?code=c&state=s' }, '/agent/setup/pms'],
  ['not a string', { returnTo: 7 }, '/agent/setup/pms'],
  ['nothing', undefined, '/agent/setup/pms'],
  ['null', null, '/agent/setup/pms'],
  ['a bare string', '/agent/setup/review', '/agent/setup/pms'],
])('%s', (_case, state, path) => {
  expect(returnPath(state, origin, '/auth/callback')).toBe(path)
})

test.each([
  '/.//evil.example',
  '/./\\evil.example',
  '/..//evil.example',
  '/.///evil.example/a',
  '/%2e//evil.example',
  '/%2E%2e//evil.example',
  '/a/..//evil.example',
  '/\t.//evil.example',
  '/.\n//evil.example',
  '/./%2F/../..//evil.example',
])('AT40: %j leads to a path of this origin', (returnTo) => {
  const path = returnPath({ returnTo }, origin, '/auth/callback')
  expect([path, new URL(path, origin).origin]).toEqual(['/agent/setup/pms', origin])
})
