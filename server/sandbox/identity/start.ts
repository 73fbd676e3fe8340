import { randomUUID } from 'node:crypto'
import { type EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accessTokenClaims, accessTokenHeader, type Claims, signToken } from './access-token.ts'
import { useCognitoTokens } from './cognito-tokens.ts'
import { createProvider, paths } from './provider.ts'
import { signInByCodeFlow, type Tokens } from './sign-in.ts'
import { useSignInPage } from './sign-in-page.ts'
import { useSignOut } from './sign-out.ts'
import { keptSigningKey, type SigningKey, strangeSigningKey } from './signing-key.ts'
import { type UserName, users } from './users.ts'

export { users } from './users.ts'

export interface IdentityOptions {
  /** Default 127.0.0.1. It is part of the issuer, and with it of who an account belongs to. */
  readonly host?: string
  /** Default: any free one. Part of the issuer, too. */
  readonly port?: number
  /** Where the signing key is kept between runs. */
  readonly folder: string
  readonly clientId: string
  /** Default 900. */
  readonly accessTokenSeconds?: number
  /** Told, in a line each, of errors that are the provider's own fault. */
  readonly onNotice?: (line: string) => void
}

export interface Identity extends AsyncDisposable {
  readonly issuer: string
  readonly jwksUrl: string
  /** Signs in by the authorization code flow, as a browser does. */
  signIn(user: UserName): Promise<Tokens>
  /**
   * An access token of Alex's as the flow gives it, but for what is said here; `undefined` leaves a claim
   * out. `key: 'other'` signs with a key that is not in the key set, under the right key's id.
   */
  issueToken(claims?: Claims, header?: Claims, options?: { key?: 'own' | 'other' }): Promise<string>
  close(): Promise<void>
}

/**
 * Starts an OpenID Connect provider that looks like a Cognito user pool with two people in it.
 * @throws the system's error when it cannot listen: code EADDRINUSE when the port is taken
 */
export async function startIdentity(options: IdentityOptions): Promise<Identity> {
  const { host = '127.0.0.1', port = 0, folder, clientId, accessTokenSeconds = 900, onNotice } = options
  const key = await keptSigningKey(folder)
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  const authority = host.includes(':') ? `[${host}]` : host
  const issuer = `http://${authority}:${(server.address() as AddressInfo).port}`

  const provider = createProvider({ issuer, clientId, key, accessTokenSeconds })
  const report = (error: Error) => onNotice?.(`Sign-in: ${error.stack ?? error.message}`)
  // The web framework below prints to the console what nobody listens to.
  const framework: EventEmitter = provider
  framework.on('error', report)
  provider.on('server_error', (_context, error) => report(error))
  useCognitoTokens(provider, clientId, key)
  useSignInPage(provider)
  useSignOut(provider, clientId)
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))

  let otherKey: Promise<SigningKey> | undefined
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    issuer,
    jwksUrl: issuer + paths.jwks,
    signIn: (user) => signInByCodeFlow(issuer, clientId, user),
    async issueToken(claims = {}, header = {}, { key: which = 'own' } = {}) {
      const now = Math.floor(Date.now() / 1000)
      const good = accessTokenClaims({
        issuer,
        clientId,
        subject: users.alex.subject,
        scope: 'openid email profile',
        tokenId: randomUUID(),
        originId: randomUUID(),
        authTime: now,
        issuedAt: now,
        expiresAt: now + accessTokenSeconds,
      })
      const signer = which === 'own' ? key : await (otherKey ??= strangeSigningKey())
      return signToken({ ...accessTokenHeader(key), ...header }, { ...good, ...claims }, signer)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
