import { SignInFailure } from './sign-in.ts'
import type { StoredUser } from './stored-user.ts'

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

/** Where the person is kept, and how to have the tokens renewed. */
export interface TokenParts {
  user: () => StoredUser | undefined
  renew: () => Promise<void>
  end: () => void
}

/** Tokens that are renewed when a call needs them: no timer in a background tab, no two renewals at once. */
export function createTokens({ user, renew, end }: TokenParts): Tokens {
  let renewing: Promise<string | undefined> | undefined

  /** One renewal, whoever asks: a rotating refresh token may be used once. */
  function renewed(): Promise<string | undefined> {
    renewing ??= renewOnce().finally(() => {
      renewing = undefined
    })
    return renewing
  }

  async function renewOnce(): Promise<string | undefined> {
    // Without a refresh token the library would open a frame, which the content security policy forbids.
    if (!user()?.canRenew) return undefined
    try {
      await renew()
      return user()?.accessToken
    } catch (error) {
      if (error instanceof SignInFailure && !error.isPassing) return undefined
      throw error
    }
  }

  return {
    async current() {
      const now = user()
      const left = now?.expiresAt === undefined ? Infinity : now.expiresAt - Date.now() / 1000
      if (!now || left > renewBefore) return now?.accessToken
      return (await renewed()) ?? now.accessToken
    },

    async replace(refused) {
      const now = user()
      if (!now) return undefined
      return now.accessToken === refused ? renewed() : now.accessToken
    },

    end: async () => end(),
  }
}
