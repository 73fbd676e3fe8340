import * as z from 'zod'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { readJson, type Reply } from './call.ts'
import { OfficeId } from './office-id.ts'
import { refusalOf, statusMeaning } from './refusal.ts'

/** Who we are at Sikka. */
export interface Application {
  id: string
  key: Redacted
}

/** What `POST /v4/request_key` grants. */
export interface RequestKeyGrant {
  requestKey: Redacted
  refreshKey: Redacted | undefined
  /** the office that authorised us; Sikka may leave it out */
  issuedTo: string | undefined
  expiresAt: Date
}

/** Seconds a key is taken to live when Sikka does not say: a spent code must not be lost for it. */
const assumedLife = 60 * 60
const longestLife = 30 * 24 * 60 * 60

/** Printable, so that it can be sent in a header. */
const Key = z.string().regex(/^[\x21-\x7e]{8,512}$/)

const Grant = z.object({
  request_key: Key,
  refresh_key: Key.nullish().catch(undefined),
  // Left out is one thing; there but unreadable must not pass for it, or another office could.
  issued_to: OfficeId.nullish(),
  expires_in: z.unknown().optional(),
})

/** The exchange of an authorization code for keys (sikka-api, request_key). Sent once, whatever happens. */
export function codeExchangeRequest(code: Redacted, application: Application): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      grant_type: 'authorization_code',
      code: code.reveal(),
      app_id: application.id,
      app_key: application.key.reveal(),
    }),
  }
}

/**
 * Reads the answer to an exchange.
 * @throws {ConnectionFailure} CODE_REJECTED, CONFIG, PROVIDER_UNAVAILABLE or BAD_RESPONSE
 */
export function readCodeExchange(reply: Reply): RequestKeyGrant {
  if (reply.status === 200) {
    const body: unknown = readJson(reply.body)
    const grant = Grant.safeParse(Array.isArray(body) ? body[0] : body)
    if (!grant.success) {
      const refusal = refusalOf(reply, 'the exchange', () => 'BAD_RESPONSE')
      throw refusal.code === 'BAD_RESPONSE'
        ? new ConnectionFailure('BAD_RESPONSE', 'The exchange was answered without a usable request key')
        : refusal
    }
    const { request_key: requestKey, refresh_key: refreshKey, issued_to: issuedTo, expires_in: expiresIn } = grant.data
    return {
      requestKey: new Redacted(requestKey),
      refreshKey: refreshKey ? new Redacted(refreshKey) : undefined,
      issuedTo: issuedTo ?? undefined,
      expiresAt: new Date(reply.receivedAt.getTime() + (readLifetime(expiresIn) ?? assumedLife) * 1000),
    }
  }
  // A bare 400 to an exchange is a bad or used code; a bare 401 is our own application key.
  throw refusalOf(reply, 'the exchange', (status) => {
    if (status === 400) return 'CODE_REJECTED'
    return status === 401 ? 'CONFIG' : statusMeaning(status)
  })
}

/**
 * `expires_in` in seconds: `"85603 second(s)"`, `"85603"` or `85603`.
 * @returns undefined for anything else, zero, negative or more than 30 days
 */
export function readLifetime(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return undefined
  const digits = /^\s*(\d{1,9})(\s*seconds?(\(s\))?|\s*second\(s\))?\s*$/i.exec(text)?.[1]
  if (digits === undefined) return undefined
  const seconds = Number(digits)
  return seconds > 0 && seconds <= longestLife ? seconds : undefined
}
