import type { PageConfig } from '@pms/shared/page-config'
import { ErrorResponse, ErrorTimeout, OidcClient, User, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import { SignInFailure, type SignInLibrary } from './sign-in.ts'

/** Seconds within which the sign-in provider has to answer. */
const answerWithin = 10

/** OpenID Connect as a library speaks it: loaded when somebody signs in or out, or a token is renewed. */
export function signInLibrary(config: PageConfig, origin: string, callbackPath: string): SignInLibrary {
  const storage = new WebStorageStateStore({ store: window.sessionStorage })
  const afterSignOut = `${origin}/`
  const settings = {
    authority: config.authority,
    client_id: config.clientId,
    redirect_uri: origin + callbackPath,
    post_logout_redirect_uri: afterSignOut,
    scope: 'openid email profile',
    userStore: storage,
    stateStore: storage,
    requestTimeoutInSeconds: answerWithin,
    // Ours is done by `createTokens`.
    automaticSilentRenew: false,
  }
  const userManager = new UserManager(settings)
  const client = new OidcClient(settings)

  /** RFC 7009. A provider that refuses one of them, or does not answer, keeps nobody from signing out. */
  async function revokeTokens({ access_token: accessToken, refresh_token: refreshToken }: User): Promise<void> {
    const endpoint = await userManager.metadataService.getRevocationEndpoint().catch(() => undefined)
    if (endpoint === undefined) return
    // With the refresh token the provider revokes what it was exchanged for (RFC 7009, section 2.1).
    const [token, type] = refreshToken
      ? ([refreshToken, 'refresh_token'] as const)
      : ([accessToken, 'access_token'] as const)
    await client.revokeToken(token, type).catch(() => undefined)
  }

  return {
    leave: (state) => orFailure(userManager.signinRedirect({ state })),
    arrive: async () => (await orFailure(userManager.signinRedirectCallback())).state,
    renew: async () => void (await orFailure(userManager.signinSilent())),
    revoke: (stored) => revokeTokens(User.fromStorageString(stored)),
    async signOut() {
      const user = await userManager.getUser()
      if (user) await revokeTokens(user)
      const endSession = await userManager.metadataService.getEndSessionEndpoint().catch(() => undefined)
      if (endSession === undefined) return userManager.removeUser()
      // Cognito's own /logout knows neither id_token_hint nor post_logout_redirect_uri, but these two.
      const extraQueryParams = { client_id: config.clientId, logout_uri: afterSignOut }
      return orFailure(userManager.signoutRedirect({ extraQueryParams }))
    },
  }
}

async function orFailure<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise
  } catch (error) {
    const state = error instanceof ErrorResponse ? error.state : undefined
    throw new SignInFailure(isPassing(error), state, { cause: error })
  }
}

const passingErrors = new Set(['server_error', 'temporarily_unavailable', 'slow_down'])

/**
 * Whether it failed for a reason that says nothing about the session: no network, no answer in time, a provider in
 * trouble. Anything else means that the person has to sign in again.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof ErrorResponse) return passingErrors.has(error.error ?? '')
  if (error instanceof ErrorTimeout || error instanceof TypeError) return true
  // The library's words for an answer without an OAuth error: "Service Unavailable (503)".
  return error instanceof Error && /\((429|5\d\d)\)/.test(error.message)
}
