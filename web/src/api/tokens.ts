import type { UserManager } from 'oidc-client-ts'
import { isPassingFailure } from './passing-failure.ts'

/** Seconds before its expiry at which an access token is renewed rather than used. */
const renewBefore = 30

/** The signed-in person's tokens, for the calls to our own server. */
export interface Tokens {
  /** A token that is still good by this browser's clock, renewed if need be; undefined when signed out. */
  current(): Promise<string | undefined>
  /**
   * A token to use in place of one that was refused; undefined when the person has to sign in again.
   * Rejects when the provider cannot be reached, which says nothing about the session.
   */
  replace(refused: string | undefined): Promise<string | undefined>
  /** Forgets the session in this browser. */
  end(): Promise<void>
}

/** Tokens that are renewed when a call needs them: no timer in a background tab, no two renewals at once. */
export function createTokens(userManager: Pick<UserManager, 'getUser' | 'signinSilent' | 'removeUser'>): Tokens {
  let renewing: Promise<string | undefined> | undefined

  /** One renewal, whoever asks: a rotating refresh token may be used once. */
  function renew(): Promise<string | undefined> {
    renewing ??= renewOnce().finally(() => {
      renewing = undefined
    })
    return renewing
  }

  async function renewOnce(): Promise<string | undefined> {
    const user = await userManager.getUser()
    // Without a refresh token the library would open a frame, which the content security policy forbids.
    if (!user?.refresh_token) return undefined
    try {
      return (await userManager.signinSilent())?.access_token
    } catch (error) {
      if (isPassingFailure(error)) throw error
      return undefined
    }
  }

  return {
    async current() {
      const user = await userManager.getUser()
      if (!user || (user.expires_in ?? Infinity) > renewBefore) return user?.access_token
      return (await renew()) ?? user.access_token
    },

    async replace(refused) {
      const user = await userManager.getUser()
      if (!user) return undefined
      return user.access_token === refused ? renew() : user.access_token
    },

    end: () => userManager.removeUser(),
  }
}
