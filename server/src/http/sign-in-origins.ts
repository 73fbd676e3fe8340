import * as z from 'zod'
import { systemClock, type Clock } from '../clock.ts'

/** The addresses of a provider that the page itself calls; OpenID Connect Discovery 1.0, section 3. */
const Discovery = z.object({
  token_endpoint: z.url(),
  userinfo_endpoint: z.url().optional(),
  revocation_endpoint: z.url().optional(),
  jwks_uri: z.url().optional(),
})

/** Milliseconds: for the provider to answer, before a failure is tried again, and before an answer is old. */
const times = { answer: 2_000, retry: 10_000, renew: 3_600_000 } as const

/**
 * The origins that the page has to reach to sign people in: the authority's, and those that its discovery
 * document names, which are others at Cognito. A provider that does not answer costs nothing but these.
 * @returns asks for the origins; the last known ones when they cannot be asked for now
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
      // The page shows that the provider cannot be reached; it finds that out by itself.
    }
  }

  return async () => {
    if (clock.now() >= askAgainAt) asking ??= ask().finally(() => (asking = undefined))
    // Nobody waits for a renewal.
    if (!isAnswered) await asking
    return known
  }
}
