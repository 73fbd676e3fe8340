import { jwtVerify } from 'jose'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { accessTokenClaims, accessTokenHeader, signToken } from './access-token.ts'
import { paths } from './provider.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * The library's own JWT access tokens must have an audience; Cognito's have none. So inside it they are
 * opaque, and at its edge a token of Cognito's form stands for each, with the opaque one as its `jti`.
 */
export function useCognitoTokens(provider: Provider, clientId: string, key: SigningKey): void {
  const issuer = provider.issuer
  provider.use(async (context, next) => {
    if (context.path === paths.userinfo) {
      const opaque = await opaqueToken(context.get('authorization'), issuer, key)
      if (opaque !== undefined) context.req.headers.authorization = `Bearer ${opaque}`
    }
    await next()
    if (context.path === paths.token && context.status === 200) {
      exchange(context as unknown as KoaContextWithOIDC, issuer, clientId, key)
    }
  })
}

interface TokenResponse {
  access_token: string
  expires_in: number
  scope: string
}

function exchange({ body, oidc }: KoaContextWithOIDC, issuer: string, clientId: string, key: SigningKey): void {
  const response = body as TokenResponse
  const { AuthorizationCode: code, RefreshToken: refreshToken, AccessToken: token } = oidc.entities
  const issuedAt = Math.floor(Date.now() / 1000)
  const claims = accessTokenClaims({
    issuer,
    clientId,
    subject: token?.accountId ?? '',
    scope: response.scope,
    tokenId: response.access_token,
    originId: token?.grantId ?? '',
    authTime: code?.authTime ?? refreshToken?.authTime ?? issuedAt,
    issuedAt,
    expiresAt: issuedAt + response.expires_in,
  })
  response.access_token = signToken(accessTokenHeader(key), claims, key)
}

async function opaqueToken(authorization: string, issuer: string, key: SigningKey): Promise<string | undefined> {
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1]
  if (token === undefined) return undefined
  try {
    return (await jwtVerify(token, key.publicKey, { issuer, algorithms: ['RS256'] })).payload.jti
  } catch {
    return undefined
  }
}
