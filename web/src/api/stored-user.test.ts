import { User } from 'oidc-client-ts'
import { expect, test } from 'vitest'
import { readStoredUser, userKey } from './stored-user.ts'

const profile = { sub: 's', iss: 'i', aud: 'c', exp: 0, iat: 0 }

test('a person whom the library has stored is read without it', () => {
  const user = new User({
    access_token: 'access',
    refresh_token: 'refresh',
    token_type: 'Bearer',
    expires_at: 1_800_000_000,
    profile,
  })
  expect(readStoredUser(user.toStorageString())).toEqual({
    accessToken: 'access',
    canRenew: true,
    expiresAt: 1_800_000_000,
    profile,
  })
})

test('without a refresh token nothing can be renewed', () => {
  const user = new User({ access_token: 'access', token_type: 'Bearer', profile })
  expect(readStoredUser(user.toStorageString())).toEqual({
    accessToken: 'access',
    canRenew: false,
    expiresAt: undefined,
    profile,
  })
})

test.each([null, '', '{', 'null', '[]', '{"access_token":""}', '{"access_token":"a"}'])('%j is nobody', (text) => {
  expect(readStoredUser(text)).toBeUndefined()
})

test('the key is that of the library', () => {
  expect(userKey({ authority: 'https://auth.example.com', clientId: 'c' })).toBe('oidc.user:https://auth.example.com:c')
})
