import { createHmac, type KeyObject, sign } from 'node:crypto'
import type { SigningKey } from './signing-key.ts'

/** What an access token says. Times are seconds since 1970. */
export interface AccessTokenFacts {
  readonly issuer: string
  readonly clientId: string
  readonly subject: string
  readonly scope: string
  readonly tokenId: string
  /** The same in every token that one sign-in leads to. */
  readonly originId: string
  readonly authTime: number
  readonly issuedAt: number
  readonly expiresAt: number
}

export type Claims = Readonly<Record<string, unknown>>

/**
 * The claims of a Cognito access token: there is no `aud`, the client is in `client_id`. The user name is
 * the subject, as in a user pool where people sign in by email.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
export function accessTokenClaims(facts: AccessTokenFacts): Claims {
  return {
    sub: facts.subject,
    iss: facts.issuer,
    client_id: facts.clientId,
    origin_jti: facts.originId,
    token_use: 'access',
    scope: facts.scope,
    auth_time: facts.authTime,
    exp: facts.expiresAt,
    iat: facts.issuedAt,
    jti: facts.tokenId,
    username: facts.subject,
  }
}

/** Cognito's header has no `typ`. */
export function accessTokenHeader({ kid }: SigningKey): Claims {
  return { kid, alg: 'RS256' }
}

/**
 * Signs whatever it is given, as the header's `alg` says, for a wrong token is wrong in one way only: `HS256`
 * with the public key as the secret (the well-known confusion), `none` with an empty signature, anything
 * else as RS256.
 */
export function signToken(header: Claims, claims: Claims, key: SigningKey): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${signatureOf(input, header['alg'], key)}`
}

function signatureOf(input: string, algorithm: unknown, { privateKey, publicKey }: SigningKey): string {
  if (algorithm === 'none') return ''
  if (algorithm === 'HS256') return createHmac('sha256', pem(publicKey)).update(input).digest('base64url')
  return sign('sha256', Buffer.from(input), privateKey).toString('base64url')
}

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}
