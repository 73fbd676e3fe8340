import { ErrorResponse, User } from 'oidc-client-ts'
import { expect, test, vi } from 'vitest'
import { createTokens } from './tokens.ts'

/** A signed-in person whose access token has so many seconds left. */
function person(secondsLeft: number, refreshToken: string | null = 'refresh') {
  return new User({
    access_token: 'old',
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    token_type: 'Bearer',
    expires_at: Math.floor(Date.now() / 1000) + secondsLeft,
    profile: { sub: 's', iss: 'i', aud: 'c', exp: 0, iat: 0 },
  })
}

function signedIn(user: User | null, renewal: () => Promise<string> = async () => 'new') {
  const kept = { user }
  const signinSilent = vi.fn<() => Promise<User>>(async () => {
    const access_token = await renewal()
    kept.user = Object.assign(person(3600), { access_token })
    return kept.user
  })
  return {
    signinSilent,
    tokens: createTokens({ getUser: async () => kept.user, signinSilent, removeUser: async () => undefined }),
  }
}

test('a token with time left is used as it is', async () => {
  const { tokens, signinSilent } = signedIn(person(3600))
  expect(await tokens.current()).toBe('old')
  expect(signinSilent).not.toHaveBeenCalled()
})

test.each([20, -60])('with %i seconds left it is renewed before it is used', async (secondsLeft) => {
  expect(await signedIn(person(secondsLeft)).tokens.current()).toBe('new')
})

test('callers at the same time share one renewal', async () => {
  const { tokens, signinSilent } = signedIn(person(-1))
  expect(await Promise.all([tokens.current(), tokens.current(), tokens.replace('old')])).toEqual(['new', 'new', 'new'])
  expect(signinSilent).toHaveBeenCalledOnce()
})

test('a later need is a renewal of its own', async () => {
  const { tokens, signinSilent } = signedIn(person(3600))
  await tokens.replace('old')
  await tokens.replace('new')
  expect(signinSilent).toHaveBeenCalledTimes(2)
})

test('a refused token that was renewed meanwhile is replaced without asking again', async () => {
  const { tokens, signinSilent } = signedIn(person(3600))
  expect(await tokens.replace('one before')).toBe('old')
  expect(signinSilent).not.toHaveBeenCalled()
})

test('without a refresh token there is no other token, and no hidden frame', async () => {
  const { tokens, signinSilent } = signedIn(person(3600, null))
  expect(await tokens.replace('old')).toBeUndefined()
  expect(signinSilent).not.toHaveBeenCalled()
})

test('a refused refresh token means signing in again', async () => {
  const { tokens } = signedIn(person(3600), () => Promise.reject(new ErrorResponse({ error: 'invalid_grant' })))
  expect(await tokens.replace('old')).toBeUndefined()
})

test('a provider out of reach does not', async () => {
  const { tokens } = signedIn(person(3600), () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(tokens.replace('old')).rejects.toThrow('Failed to fetch')
})

test('signed out: no token', async () => {
  const { tokens } = signedIn(null)
  expect(await tokens.current()).toBeUndefined()
  expect(await tokens.replace(undefined)).toBeUndefined()
})
