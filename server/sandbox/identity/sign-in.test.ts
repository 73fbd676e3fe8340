import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Identity, users } from './start.ts'
import { temporaryIdentity } from './testing/identity.ts'
import { clientId, locationOf, pageOf, pageOrigin, tokensOf } from './testing/page.ts'

let identity: Identity
beforeAll(async () => {
  identity = await temporaryIdentity({ accessTokenSeconds: 600 })
})
afterAll(() => identity[Symbol.asyncDispose]())

const verified = (token: string) => jwtVerify(token, createRemoteJWKSet(new URL(identity.jwksUrl)))

describe('signing in', () => {
  it('asks who it is, on a page without a script', async () => {
    const page = pageOf(identity)
    const { response } = await page.startSignIn()
    const shown = await page.browser.fetch(locationOf(response))
    const html = await shown.text()
    expect(shown.status).toBe(200)
    expect(html).toContain('SANDBOX')
    expect(html).toContain('Continue as Alex Demo')
    expect(html).toContain('Continue as Robin Demo')
    expect(html).not.toContain('<script')
    expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('comes back to the page with a code and its state', async () => {
    const page = pageOf(identity)
    const { response } = await page.startSignIn()
    const callback = await page.choose(response, 'alex')
    expect(callback.origin + callback.pathname).toBe(`${pageOrigin}/auth/callback`)
    expect(callback.searchParams.get('state')).toBe('state of the page')
  })

  it('gives an access token of the form that Cognito’s have', async () => {
    const before = Math.floor(Date.now() / 1000)
    const tokens = await pageOf(identity).signIn('alex')
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'openid email profile' })
    const { payload, protectedHeader } = await verified(tokens.access_token)
    expect(protectedHeader).toEqual({ alg: 'RS256', kid: expect.any(String) })
    expect(payload).toEqual({
      iss: identity.issuer,
      sub: users.alex.subject,
      client_id: clientId,
      username: users.alex.subject,
      token_use: 'access',
      scope: 'openid email profile',
      jti: expect.any(String),
      origin_jti: expect.any(String),
      auth_time: expect.any(Number),
      iat: expect.any(Number),
      exp: expect.any(Number),
    })
    const { iat = 0, exp = 0, auth_time: authTime } = payload
    expect(exp - iat).toBe(600)
    expect(authTime).toBeGreaterThanOrEqual(before)
    expect(authTime).toBeLessThanOrEqual(iat)
  })

  it('gives an ID token with what Cognito says of a person', async () => {
    const tokens = await pageOf(identity).signIn('robin')
    const { payload } = await verified(tokens.id_token)
    expect(payload).toMatchObject({
      iss: identity.issuer,
      aud: clientId,
      sub: users.robin.subject,
      token_use: 'id',
      email: 'robin@maple-street.example',
      email_verified: true,
      name: 'Robin Demo',
      'cognito:username': users.robin.subject,
      auth_time: expect.any(Number),
    })
  })

  it('tells whoever has the access token who it is', async () => {
    const page = pageOf(identity)
    const { access_token: token } = await page.signIn('alex')
    const url = (await page.endpoints()).userinfo_endpoint
    const ask = (bearer: string) => fetch(url, { headers: { authorization: `Bearer ${bearer}` } })
    expect(await (await ask(token)).json()).toMatchObject({ sub: users.alex.subject, email: users.alex.email })
    expect((await ask(await identity.issueToken())).status).toBe(401)
  })

  it('does not ask the same browser twice', async () => {
    const page = pageOf(identity)
    await page.signIn('alex')
    const { verifier, response } = await page.startSignIn()
    const tokens = await tokensOf(await page.redeem(locationOf(response), verifier))
    expect((await verified(tokens.access_token)).payload.sub).toBe(users.alex.subject)
  })
})

describe('renewing', () => {
  it('needs no offline_access, and keeps the time of the sign-in', async () => {
    const page = pageOf(identity)
    const first = await page.signIn('alex')
    const second = await tokensOf(await page.refresh(first.refresh_token))
    const [old, renewed] = [await verified(first.access_token), await verified(second.access_token)]
    expect(renewed.payload.jti).not.toBe(old.payload.jti)
    expect(renewed.payload).toMatchObject({
      sub: users.alex.subject,
      auth_time: old.payload['auth_time'],
      origin_jti: old.payload['origin_jti'],
    })
    expect((await verified(second.id_token)).payload).toMatchObject({ token_use: 'id', email: users.alex.email })
  })

  it('may be done by two tabs at once', async () => {
    const page = pageOf(identity)
    const { refresh_token: token } = await page.signIn('alex')
    const answers = await Promise.all([page.refresh(token), page.refresh(token)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('the provider refuses', () => {
  it.each([
    ['a request without PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a plain code challenge', { code_challenge_method: 'plain' }],
    ['an implicit flow', { response_type: 'id_token token' }],
  ])('%s', async (_name, change) => {
    const { response } = await pageOf(identity).startSignIn(change)
    expect(locationOf(response).toString()).toMatch(/^http:\/\/localhost:5173\/auth\/callback[?#]error=/)
  })

  it.each(['https://evil.example/auth/callback', 'http://localhost:5173/other', 'http://127.0.0.2/auth/callback'])(
    'to send anybody to %s',
    async (redirectUri) => {
      const { response } = await pageOf(identity).startSignIn({ redirect_uri: redirectUri })
      expect(response.status).toBe(400)
      expect(response.headers.get('location')).toBeNull()
    },
  )

  it('a code with another verifier, and a code for the second time', async () => {
    const page = pageOf(identity)
    const { verifier, response } = await page.startSignIn()
    const callback = await page.choose(response, 'alex')
    const wrong = await page.redeem(callback, 'x'.repeat(43))
    expect(wrong.status).toBe(400)
    expect(await tokensOf(wrong)).toMatchObject({ error: 'invalid_grant' })
    expect((await page.redeem(callback, verifier)).status).toBe(200)
    expect((await page.redeem(callback, verifier)).status).toBe(400)
  })

  it('a sign-in page of another browser', async () => {
    const { response } = await pageOf(identity).startSignIn()
    const stranger = await pageOf(identity).browser.fetch(locationOf(response))
    expect(stranger.status).toBe(400)
    expect(await stranger.text()).toContain('out of date')
  })

  it('a page that is not served from this machine', async () => {
    const page = pageOf(identity)
    const { verifier, response } = await page.startSignIn()
    const answer = await page.redeem(await page.choose(response, 'alex'), verifier, 'https://evil.example')
    expect(answer.status).toBe(400)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a page of this machine', () => {
  it.each(['http://localhost:5173', 'http://127.0.0.1:8080', 'http://[::1]:4000'])('may be at %s', async (origin) => {
    const page = pageOf(identity)
    const { verifier, response } = await page.startSignIn({ redirect_uri: `${pageOrigin}/auth/callback` })
    const answer = await page.redeem(await page.choose(response, 'alex'), verifier, origin)
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    for (const url of [identity.jwksUrl, `${identity.issuer}/.well-known/openid-configuration`]) {
      expect((await fetch(url, { headers: { origin } })).headers.get('access-control-allow-origin')).toBe(origin)
    }
    const callback = `${origin}/auth/callback`
    expect((await page.startSignIn({ redirect_uri: callback })).response.headers.get('location')).toContain(callback)
  })
})

describe('the key set', () => {
  it('has the public half alone, under the id that the tokens name', async () => {
    const { keys } = (await (await fetch(identity.jwksUrl)).json()) as { keys: Record<string, unknown>[] }
    expect(keys).toHaveLength(1)
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    expect(keys[0]?.['kid']).toBe(decodeProtectedHeader(await identity.issueToken()).kid)
  })
})
