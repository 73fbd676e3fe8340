import { hash } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import * as z from 'zod'
import { remoteKeySet } from './key-set.ts'

/** Who a verified access token speaks for. */
export interface Identity {
  issuer: string
  subject: string
  email: string | undefined
}

/** Why a request is not signed in. `unavailable`: the key set cannot be had, so nobody can be let in now. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError'
  readonly kind: 'refused' | 'unavailable'

  constructor(kind: 'refused' | 'unavailable', message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** Cognito's access tokens: no `aud`, but `client_id` and `token_use`. */
const AccessTokenClaims = z.object({
  iss: z.string(),
  // What PostgreSQL cannot keep, or would keep as the same as another's.
  sub: z
    .string()
    .min(1)
    .max(255)
    .refine((subject) => subject.isWellFormed() && !subject.includes('\u0000')),
  token_use: z.literal('access'),
  client_id: z.string(),
  exp: z.number(),
  email: z.email().optional().catch(undefined),
})

/** Longest `Authorization` header that is read, characters; Cognito's tokens have about 1,100. */
const longestHeader = 8_192

/** Seconds that two clocks may differ by. */
const clockTolerance = 5

/**
 * How many tokens are remembered as verified, and for how long at most, milliseconds: a key that its issuer takes
 * back is trusted no longer than that, and until the key set is read again.
 */
const memory = { tokens: 20_000, time: 300_000 } as const

/**
 * Verifies `Authorization: Bearer <access token>`: RS256 with a key of the issuer's set, issuer, client, time,
 * and that it is an access token. One that was verified is remembered, by its hash, and never past its end.
 * @param clock milliseconds: of the day, and on a clock that never goes back
 * @returns the identity, at once where the token is remembered
 * @throws {IdentityError} always, unless everything holds
 */
export function tokenVerifier(
  settings: { issuer: string; clientId: string; jwksUrl: string },
  clock = { ofDay: () => Date.now(), steady: () => performance.now() },
) {
  const keySet = remoteKeySet(settings.jwksUrl, clock.steady)
  const remembered = new LRUCache<string, { identity: Identity; endsAt: number; forgetAt: number }>({
    max: memory.tokens,
  })

  return (authorization: string | undefined): Identity | Promise<Identity> => {
    if (authorization === undefined || authorization.length > longestHeader) throw noToken()
    const key = hash('sha256', authorization, 'base64')
    const known = remembered.get(key)
    if (known && clock.steady() < known.forgetAt && clock.ofDay() < known.endsAt) return known.identity
    return verifyAnew(authorization, key)
  }

  async function verifyAnew(authorization: string, key: string): Promise<Identity> {
    const token = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i.exec(authorization)?.[1]
    if (token === undefined) throw noToken()
    const { identity, endsAt } = await verify(token)
    remembered.set(key, { identity, endsAt, forgetAt: clock.steady() + memory.time })
    return identity
  }

  async function verify(token: string): Promise<{ identity: Identity; endsAt: number }> {
    const { payload } = await jwtVerify(token, keySet, {
      algorithms: ['RS256'],
      issuer: settings.issuer,
      clockTolerance,
      currentDate: new Date(clock.ofDay()),
    }).catch((error: unknown) => {
      throw refusal(error)
    })
    const claims = AccessTokenClaims.safeParse(payload)
    if (!claims.success) throw new IdentityError('refused', 'The token is not an access token')
    if (claims.data.client_id !== settings.clientId)
      throw new IdentityError('refused', 'The token is for another client')
    const { iss: issuer, sub: subject, email, exp } = claims.data
    return { identity: { issuer, subject, email }, endsAt: (exp + clockTolerance) * 1000 }
  }
}

function noToken(): IdentityError {
  return new IdentityError('refused', 'No bearer token')
}

/** What is wrong with a token is the caller's; anything else is the key set's, and lets nobody in either. */
const tokenErrors = new Set([
  errors.JWTExpired.code,
  errors.JWTClaimValidationFailed.code,
  errors.JWTInvalid.code,
  errors.JWSInvalid.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
])

function refusal(error: unknown): IdentityError {
  if (error instanceof errors.JOSEError && tokenErrors.has(error.code)) {
    return new IdentityError('refused', `The token was refused: ${error.code}`)
  }
  return new IdentityError('unavailable', 'The key set of the issuer cannot be read', { cause: error })
}
