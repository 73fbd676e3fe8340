import * as z from 'zod'
import { systemClock, type Clock } from '../clock.ts'

/** The provider's URLs that the page itself calls; OpenID Connect Discovery 1.0, section 3. */
const Discovery = z.object({
  token_endpoint: z.url(),
  userinfo_endpoint: z.url().optional(),
  revocation_endpoint: z.url().optional(),
  jwks_uri: z.url().optional(),
})

/** Milliseconds: request timeout, pause before retrying a failure, and lifetime of a cached reply. */
const times = { answer: 2_000, retry: 10_000, renew: 3_600_000 } as const

/**
 * The origins that the page needs for sign-in: the authority's, and those in its discovery document, which differ at
 * Cognito. If the provider does not respond, only the latter are missing.
 * @returns a function that fetches the origins, or else gives the last known ones
 */
export function signInOrigins(
  authority: string,
  clock: Pick<Clock, 'now'> = systemClock,
): () => Promise<readonly string[]> {
  const own = new URL(authority).origin
  let known: readonly string[] = [own]
  let isAnswered = false
  let askAgainAt = -Infinity
  let asking: Promise<void> | undefined

  async function ask(): Promise<void> {
    askAgainAt = clock.now() + times.retry
    try {
      const response = await fetch(`${authority.replace(/\/$/, '')}/.well-known/openid-configuration`, {
        redirect: 'error',
        signal: AbortSignal.timeout(times.answer),
      })
      const endpoints = Discovery.parse(await response.json())
      const origins = Object.values(endpoints).flatMap((endpoint) => (endpoint ? [new URL(endpoint).origin] : []))
      known = [...new Set([own, ...origins])]
      isAnswered = true
      askAgainAt = clock.now() + times.renew
    } catch {
      // The page itself detects and shows that the provider is unreachable.
    }
  }

  return async () => {
    if (clock.now() >= askAgainAt) asking ??= ask().finally(() => (asking = undefined))
    // Wait until the first success only; renew in the background.
    if (!isAnswered) await asking
    return known
  }
}
