import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose'
import * as z from 'zod'

const JsonWebKeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/**
 * Milliseconds: for the answer, between two tries whatever came of them, before the set is renewed beside the
 * work, and before a set that could not be renewed is trusted no more.
 */
const times = { answer: 3_000, pause: 10_000, renew: 600_000, trust: 86_400_000 } as const

/**
 * The issuer's keys, remembered. An unknown key is looked for once in ten seconds, however many ask (F104); while
 * the set cannot be had, known keys go on (F105), for a day.
 * @param now milliseconds on a clock that never goes back
 */
export function remoteKeySet(url: string, now: () => number = () => performance.now()) {
  let keyOf: ReturnType<typeof createLocalJWKSet> | undefined
  let readAt = -Infinity
  let triedAt = -Infinity
  let failure: unknown
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    try {
      const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(times.answer) })
      if (!response.ok) throw new Error(`The key set was answered with HTTP ${response.status}`)
      keyOf = createLocalJWKSet(JsonWebKeySet.parse(await response.json()))
      readAt = now()
      failure = undefined
    } catch (error) {
      failure = error
    }
    triedAt = now()
  }

  /** Reads the set unless that was tried a moment ago; all who ask meanwhile share it. */
  async function refresh(): Promise<void> {
    if (!reading && now() < triedAt + times.pause) return
    reading ??= read().finally(() => {
      reading = undefined
    })
    await reading
  }

  return async (header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> => {
    if (now() > readAt + times.trust) {
      keyOf = undefined
      await refresh()
    } else if (now() > readAt + times.renew) void refresh()
    if (!keyOf) throw new Error('The key set of the issuer cannot be read', { cause: failure })
    try {
      return await keyOf(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await refresh()
      return keyOf(header, token)
    }
  }
}
