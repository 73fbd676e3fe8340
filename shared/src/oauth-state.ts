import * as z from 'zod/mini'

/**
 * What the signed OAuth `state` says (contract, section 6, step 2). On the wire it is
 * `base64url(JSON of this)` + `.` + `base64url(HMAC-SHA-256)`. It proves nothing about the browser
 * that brings it: the attempt row and the cookie do that.
 */
export const OAuthState = z.strictObject({
  /** account that started the attempt; the row decides, this has to agree with it */
  accountId: z.uuid(),
  /** when the attempt was made by the database's clock, milliseconds since 1970 */
  timestamp: z.int().check(z.positive()),
  /** 32 random bytes, base64url */
  nonce: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
})
export type OAuthState = z.infer<typeof OAuthState>
