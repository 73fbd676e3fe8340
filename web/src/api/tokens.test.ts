import { expect, test, vi } from 'vitest'
import { SignInFailure } from './sign-in.ts'
import type { StoredUser } from './stored-user.ts'
import { createTokens } from './tokens.ts'

/** A signed-in person whose access token has so many seconds left. */
function person(secondsLeft: number | undefined, canRenew = true): StoredUser {
  const expiresAt = secondsLeft === undefined ? undefined : Date.now() / 1000 + secondsLeft
  return { accessToken: 'old', canRenew, expiresAt, profile: {} }
}

function signedIn(user: StoredUser | undefined, renewal: () => Promise<string> = async () => 'new') {
  const kept = { user }
  const renew = vi.fn<() => Promise<void>>(async () => {
    kept.user = { ...person(3600), accessToken: await renewal() }
  })
  const tokens = createTokens({ user: () => kept.user, renew, end: () => (kept.user = undefined) })
  return { renew, tokens }
}

test.each([3600, undefined])('a token with %s seconds left is used as it is', async (left) => {
  const { tokens, renew } = signedIn(person(left))
  expect(await tokens.current()).toBe('old')
  expect(renew).not.toHaveBeenCalled()
})

test.each([20, -60])('with %i seconds left it is renewed before it is used', async (secondsLeft) => {
  expect(await signedIn(person(secondsLeft)).tokens.current()).toBe('new')
})

test('callers at the same time share one renewal', async () => {
  const { tokens, renew } = signedIn(person(-1))
  expect(await Promise.all([tokens.current(), tokens.current(), tokens.replace('old')])).toEqual(['new', 'new', 'new'])
  expect(renew).toHaveBeenCalledOnce()
})

test('a later need is a renewal of its own', async () => {
  const { tokens, renew } = signedIn(person(3600))
  await tokens.replace('old')
  await tokens.replace('new')
  expect(renew).toHaveBeenCalledTimes(2)
})

test('a refused token that was renewed meanwhile is replaced without asking again', async () => {
  const { tokens, renew } = signedIn(person(3600))
  expect(await tokens.replace('one before')).toBe('old')
  expect(renew).not.toHaveBeenCalled()
})

test('without a refresh token there is no other token, and no hidden frame', async () => {
  const { tokens, renew } = signedIn(person(3600, false))
  expect(await tokens.replace('old')).toBeUndefined()
  expect(renew).not.toHaveBeenCalled()
})

test('a refused refresh token means signing in again', async () => {
  const { tokens } = signedIn(person(3600), () => Promise.reject(new SignInFailure(false)))
  expect(await tokens.replace('old')).toBeUndefined()
})

test.each([
  ['a provider out of reach', new SignInFailure(true)],
  ['a library that cannot be loaded', new TypeError('Failed to fetch dynamically imported module')],
])('%s does not', async (_, failure) => {
  const { tokens } = signedIn(person(3600), () => Promise.reject(failure))
  await expect(tokens.replace('old')).rejects.toBe(failure)
})

test('signed out: no token', async () => {
  const { tokens } = signedIn(undefined)
  expect(await tokens.current()).toBeUndefined()
  expect(await tokens.replace(undefined)).toBeUndefined()
})

test('ended: no token any more', async () => {
  const { tokens } = signedIn(person(3600))
  await tokens.end()
  expect(await tokens.current()).toBeUndefined()
})
