import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose'
import * as z from 'zod'
import { ConnectionFailure } from '../failure.ts'

const JsonWebKeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/**
 * Milliseconds: for the answer, between two tries whatever came of them, before the set is renewed beside the
 * work, and before a set that could not be renewed is trusted no more.
 */
const times = { answer: 3_000, pause: 10_000, renew: 600_000, trust: 86_400_000 } as const

/** An answer that is no key set: the address is wrong, and not its server away. */
class NoKeySet extends Error {}

async function fetchKeySet(url: string) {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(times.answer) })
  const answered = `The key set was answered with HTTP ${response.status}`
  if (response.status >= 500 || response.status === 429) throw new Error(answered)
  if (!response.ok) throw new NoKeySet(answered)
  const answer: unknown = await response.json().catch(() => {
    throw new NoKeySet('The answer is no JSON')
  })
  const set = JsonWebKeySet.safeParse(answer)
  if (!set.success) {
    const places = set.error.issues.map(({ path }) => path.join('.')).join(', ')
    throw new NoKeySet(`The answer is no set of keys: ${places} cannot be read`)
  }
  return set.data
}

/**
 * Whether there is a key set at this address.
 * @throws {ConnectionFailure} CONFIG for an answer that is none (S12); any other Error when there is no answer
 */
export async function checkKeySet(url: string): Promise<void> {
  try {
    await fetchKeySet(url)
  } catch (error) {
    throw error instanceof NoKeySet ? new ConnectionFailure('CONFIG', error.message) : error
  }
}

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
      keyOf = createLocalJWKSet(await fetchKeySet(url))
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
