import type { PageConfig } from '@pms/shared/page-config'
import { UserManager, WebStorageStateStore, type SignoutRedirectArgs } from 'oidc-client-ts'
import { createTokens, type Tokens } from './tokens.ts'

/** Where the sign-in provider sends the browser back to. */
export const signInCallbackPath = '/auth/callback'

/** Seconds within which the sign-in provider has to answer. */
const answerWithin = 10

export interface Session {
  userManager: UserManager
  tokens: Tokens
  /** How to end the session at the provider too; undefined when it has no address for that, or cannot be reached. */
  signOutRequest(): Promise<SignoutRedirectArgs | undefined>
}

/** The session of this tab. Tokens and the half-done sign-in are kept in sessionStorage only. */
export function createSession(config: PageConfig, origin: string): Session {
  const storage = new WebStorageStateStore({ store: window.sessionStorage })
  const afterSignOut = `${origin}/`
  const userManager = new UserManager({
    authority: config.authority,
    client_id: config.clientId,
    redirect_uri: origin + signInCallbackPath,
    post_logout_redirect_uri: afterSignOut,
    scope: 'openid email profile',
    userStore: storage,
    stateStore: storage,
    requestTimeoutInSeconds: answerWithin,
    // Ours is done by `createTokens`.
    automaticSilentRenew: false,
  })

  return {
    userManager,
    tokens: createTokens(userManager),
    async signOutRequest() {
      const endSession = await userManager.metadataService.getEndSessionEndpoint().catch(() => undefined)
      if (endSession === undefined) return undefined
      // Cognito's own /logout knows neither id_token_hint nor post_logout_redirect_uri, but these two.
      return { extraQueryParams: { client_id: config.clientId, logout_uri: afterSignOut } }
    },
  }
}
