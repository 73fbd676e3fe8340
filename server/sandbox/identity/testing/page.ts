import { createHash, randomBytes } from 'node:crypto'
import type { CookieJar } from '../cookie-jar.ts'
import { cookieJar } from '../cookie-jar.ts'
import type { Identity } from '../start.ts'

export const clientId = 'page-of-tests'
export const pageOrigin = 'http://localhost:5173'

interface Endpoints {
  authorization_endpoint: string
  token_endpoint: string
  userinfo_endpoint: string
  end_session_endpoint: string
}

export interface TokenAnswer {
  access_token: string
  id_token: string
  refresh_token: string
  token_type: string
  expires_in: number
  scope: string
  error?: string
}

/** A page of the product and the browser it is in, speaking OpenID Connect by hand; knows the issuer alone. */
export function pageOf({ issuer }: Identity) {
  const browser: CookieJar = cookieJar()
  const endpoints = async () => (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Endpoints
  return {
    browser,
    endpoints,
    /** Goes to the provider. @returns its answer, and the secret half of the code challenge */
    async startSignIn(change: Record<string, string | undefined> = {}) {
      const verifier = randomBytes(32).toString('base64url')
      const parameters = {
        client_id: clientId,
        response_type: 'code',
        scope: 'openid email profile',
        redirect_uri: `${pageOrigin}/auth/callback`,
        state: 'state of the page',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...change,
      }
      const url = new URL((await endpoints()).authorization_endpoint)
      for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value)
      return { verifier, response: await browser.fetch(url) }
    },
    /** Presses a button of the sign-in page. @returns the address of the callback */
    async choose(page: Response, user: string): Promise<URL> {
      const form = await browser.fetch(locationOf(page), { method: 'POST', body: new URLSearchParams({ user }) })
      return locationOf(await browser.fetch(locationOf(form)))
    },
    async redeem(callback: URL, verifier: string, origin = pageOrigin): Promise<Response> {
      const body = new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: `${pageOrigin}/auth/callback`,
        code_verifier: verifier,
      })
      return fetch((await endpoints()).token_endpoint, { method: 'POST', body, headers: { origin } })
    },
    async refresh(refreshToken: string): Promise<Response> {
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token: refreshToken,
      })
      return fetch((await endpoints()).token_endpoint, { method: 'POST', body })
    },
    /** The whole way in. */
    async signIn(user: string): Promise<TokenAnswer> {
      const { verifier, response } = await this.startSignIn()
      return tokensOf(await this.redeem(await this.choose(response, user), verifier))
    },
    async signOut(parameters: Record<string, string>): Promise<Response> {
      const url = new URL((await endpoints()).end_session_endpoint)
      url.search = new URLSearchParams(parameters).toString()
      return browser.fetch(url)
    },
  }
}

export async function tokensOf(response: Response): Promise<TokenAnswer> {
  return (await response.json()) as TokenAnswer
}

export function locationOf(response: Response): URL {
  return new URL(response.headers.get('location') ?? '', response.url)
}
