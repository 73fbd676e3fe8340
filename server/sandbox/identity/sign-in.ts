import { createHash, randomBytes } from 'node:crypto'
import { cookieJar } from './cookie-jar.ts'
import { paths } from './provider.ts'
import type { UserName } from './users.ts'

export interface Tokens {
  readonly accessToken: string
  readonly idToken: string
  readonly refreshToken: string
  /** the provider's session cookies, value by name; a browser that has them is not asked to sign in again */
  readonly cookies: ReadonlyMap<string, string>
}

const redirectUri = 'http://localhost/auth/callback'

/**
 * Signs a person in as a browser and the page do together: the authorization code flow over HTTP.
 * @throws when the provider answers otherwise than it should
 */
export async function signInByCodeFlow(issuer: string, clientId: string, user: UserName): Promise<Tokens> {
  const browser = cookieJar()
  const verifier = randomBytes(32).toString('base64url')
  const authorization = new URL(paths.authorization, issuer)
  authorization.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    scope: 'openid email profile',
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  const page = await redirectOf(browser.fetch(authorization))
  const resume = await redirectOf(browser.fetch(page, { method: 'POST', body: new URLSearchParams({ user }) }))
  const callback = await redirectOf(browser.fetch(resume))
  const response = await fetch(new URL(paths.token, issuer), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  })
  if (!response.ok) throw new Error(`The sandbox refused to sign in ${user}: ${await response.text()}`)
  const tokens = (await response.json()) as { access_token: string; id_token: string; refresh_token: string }
  return {
    accessToken: tokens.access_token,
    idToken: tokens.id_token,
    refreshToken: tokens.refresh_token,
    cookies: browser.cookies,
  }
}

async function redirectOf(answer: Promise<Response>): Promise<URL> {
  const response = await answer
  const location = response.headers.get('location')
  if (location === null) throw new Error(`The sandbox's sign-in answered ${response.status} instead of a redirect.`)
  return new URL(location, response.url)
}
