import { interactionPolicy, Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import { memoryAdapter } from './memory-adapter.ts'
import { messagePage, pageHeaders } from './pages.ts'
import type { SigningKey } from './signing-key.ts'
import { userBySubject } from './users.ts'

export interface ProviderSettings {
  readonly issuer: string
  readonly clientId: string
  readonly key: SigningKey
  /** Lifetime of an access and of an ID token. */
  readonly accessTokenSeconds: number
}

/** Cognito's own paths, so that nothing can be wired to the sandbox alone. */
export const paths = {
  authorization: '/oauth2/authorize',
  token: '/oauth2/token',
  userinfo: '/oauth2/userInfo',
  jwks: '/.well-known/jwks.json',
  end_session: '/logout',
  revocation: '/oauth2/revoke',
} as const

/** Where a browser chooses a person; a random id follows. */
export const signInPath = '/sign-in'

const scope = 'openid email profile'
const day = 24 * 60 * 60

/** Any port of these: the page may be served from any. */
const loopbackHosts = ['localhost', '127.0.0.1', '[::1]']

/** The library, set up as one user pool with one public client. Keeps all its state in memory. */
export function createProvider({ issuer, clientId, key, accessTokenSeconds }: ProviderSettings): Provider {
  const policy = interactionPolicy.base()
  policy.remove('consent')
  const configuration: Configuration = {
    adapter: memoryAdapter(),
    jwks: { keys: [key.jwk] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        // A native client's loopback addresses hold for every port (RFC 8252, section 7.3).
        application_type: 'native',
        redirect_uris: loopbackHosts.map((host) => `http://${host}/auth/callback`),
        post_logout_redirect_uris: loopbackHosts.map((host) => `http://${host}/`),
        // Has `auth_time` put into every ID token.
        require_auth_time: true,
      },
    ],
    clientAuthMethods: ['none'],
    responseTypes: ['code'],
    scopes: scope.split(' '),
    claims: {
      openid: ['sub', 'token_use', 'cognito:username'],
      email: ['email', 'email_verified'],
      profile: ['name'],
    },
    // Cognito puts the profile into the ID token, too.
    conformIdTokenClaims: false,
    findAccount: (_context, subject) => account(subject),
    loadExistingGrant: (context) => grantWithoutAsking(context, clientId),
    interactions: { policy, url: (_context, { uid }) => `${signInPath}/${uid}` },
    // As Cognito does: always one, without `offline_access`; not rotated, so that two tabs may renew at once.
    issueRefreshToken: () => true,
    rotateRefreshToken: false,
    expiresWithSession: () => false,
    ttl: {
      AccessToken: accessTokenSeconds,
      IdToken: accessTokenSeconds,
      AuthorizationCode: 60,
      RefreshToken: 30 * day,
      Grant: 30 * day,
      Session: 14 * day,
      Interaction: day / 24,
    },
    clientBasedCORS: (_context, origin) => loopbackHosts.includes(URL.parse(origin)?.hostname ?? ''),
    cookies: { names: { session: 'sandbox_session', interaction: 'sandbox_sign_in', resume: 'sandbox_resume' } },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      // Neither page is seen: `sign-out.ts` answers.
      rpInitiatedLogout: { enabled: true, logoutSource: () => undefined, postLogoutSuccessSource: () => undefined },
    },
    routes: paths,
    renderError: (context, { error, error_description: description }) => {
      context.set(pageHeaders)
      context.body = messagePage('That did not work', [error, description].filter(Boolean).join(': '))
    },
  }
  return new Provider(issuer, configuration)
}

function account(subject: string) {
  const user = userBySubject(subject)
  if (!user) return undefined
  const { name, email } = user
  const claims = { sub: subject, name, email, email_verified: true, 'cognito:username': subject }
  return {
    accountId: subject,
    claims: (use: string) => (use === 'id_token' ? { ...claims, token_use: 'id' } : claims),
  }
}

/** The client is the product's own: there is nothing to consent to. */
async function grantWithoutAsking({ oidc }: KoaContextWithOIDC, clientId: string) {
  const { Grant } = oidc.provider
  const existing = oidc.session?.grantIdFor(clientId)
  const found = existing === undefined ? undefined : await Grant.find(existing)
  if (found) return found
  const accountId = oidc.session?.accountId
  if (accountId === undefined) return undefined
  const grant = new Grant({ accountId, clientId })
  grant.addOIDCScope(scope)
  await grant.save()
  return grant
}
