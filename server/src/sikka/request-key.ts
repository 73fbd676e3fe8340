import * as z from 'zod'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { unreadableOffice } from '../office-id.ts'
import type { Grant, Practice } from '../practice.ts'
import type { Reply, Request } from './call.ts'
import { OfficeId } from './office-id.ts'
import { readRecord } from './read-json.ts'
import { mayBeSuccess, namedMeaning, refusalOf, statusMeaning, type Meaning, type Meanings } from './refusal.ts'

/** Who we are at Sikka. */
export interface Application {
  id: string
  key: Redacted
}

/** What gets new keys without the user, for as long as the practice lets us. */
export type Office = Pick<Practice, 'officeId' | 'writtenOfficeId' | 'secretKey'>

/** Seconds a key is taken to live when Sikka does not say: a spent code must not be lost for it. */
const assumedLife = 60 * 60
const longestLife = 30 * 24 * 60 * 60

/** Printable, so that it can be sent in a header. */
const Key = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{8,512}$/)

/** Empty is absent (A2). Named but unreadable is not: the list could then prove another office than the one named. */
const IssuedTo = z
  .unknown()
  .optional()
  .transform((value) =>
    value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
      ? undefined
      : (OfficeId.safeParse(value).data ?? unreadableOffice),
  )

/** Only the request key makes a grant: the code is spent, so nothing else in its answer may cost the keys. */
const GrantReply = z.object({
  request_key: Key,
  refresh_key: Key.optional().catch(undefined),
  issued_to: IssuedTo,
  expires_in: z.unknown().optional(),
})

/** `POST /v4/request_key` with one of its three grants. */
function grantRequest(application: Application, fields: Record<string, string>): Request {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ ...fields, app_id: application.id, app_key: application.key.reveal() }),
  }
}

/** The exchange of an authorization code for keys (sikka-api, request_key). Sent once, whatever happens. */
export function codeExchangeRequest(code: Redacted, application: Application): Request {
  return grantRequest(application, { grant_type: 'authorization_code', code: code.reveal() })
}

/** New keys for a refresh key, which may die of it. */
export function refreshRequest(refreshKey: Redacted, application: Application): Request {
  return grantRequest(application, { grant_type: 'refresh_key', refresh_key: refreshKey.reveal() })
}

/** New keys without the user, and without any key that may have died. */
export function renewalRequest(office: Office, application: Application): Request {
  const { officeId, writtenOfficeId = officeId, secretKey } = office
  return grantRequest(application, {
    grant_type: 'request_key',
    office_id: writtenOfficeId,
    secret_key: secretKey.reveal(),
  })
}

/**
 * Reads the answer to an exchange.
 * @throws {ConnectionFailure} CODE_REJECTED, CONFIG, PROVIDER_UNAVAILABLE or BAD_RESPONSE
 */
export function readCodeExchange(reply: Reply): Grant {
  const byStatus = (status: number): Meaning => {
    // A bare 400 to an exchange is a bad or used code; a bare 401 is our own application key.
    if (status === 400) return { code: 'CODE_REJECTED', reason: 'refused' }
    return status === 401 ? { code: 'CONFIG' } : statusMeaning(status)
  }
  return readGrant(reply, 'the exchange', byStatus, codeRefused)
}

/**
 * Reads the answer to the `refresh_key` grant. `issuedTo` is for the caller to compare.
 * @throws {ConnectionFailure} as `readCodeExchange`; `refused` only where Sikka names its reason
 */
export function readRefresh(reply: Reply): Grant {
  return readGrant(reply, 'the refresh', renewalStatus)
}

/**
 * Reads the answer to the `request_key` grant.
 * @throws {ConnectionFailure} as `readRefresh`; BAD_RESPONSE for the keys of another office
 */
export function readRenewal(reply: Reply, officeId: string): Grant {
  const grant = readGrant(reply, 'the renewal', renewalStatus)
  if (grant.issuedTo === undefined || grant.issuedTo === OfficeId.safeParse(officeId).data) return grant
  throw new ConnectionFailure('BAD_RESPONSE', 'The renewal was answered with the keys of another office')
}

/**
 * A practice is asked to connect again when its grant is refused, so a bare 400 or 404 is no refusal: it may be a
 * gateway's, and then every practice's.
 */
function renewalStatus(status: number): Meaning {
  return status === 401 ? { code: 'CONFIG' } : statusMeaning(status)
}

/** Keys were perhaps granted, and the ones before are perhaps dead (F36). */
const unreadable = { code: 'BAD_RESPONSE', reason: 'unclear' } as const

/** The code or key that was sent is over or gone: for a grant as good as refused. */
const overOrGone = refusals('API1025', 'API2009', 'API2018', 'invalid_token')

/** Of an exchange the code is the parameter that is refused. */
const codeRefused: Meanings = new Map([...overOrGone, ...refusals('API1020', 'API1026')])

function refusals(...named: string[]): Meanings {
  return new Map(named.map((each) => [each, { code: 'CODE_REJECTED', reason: 'refused' }]))
}

function readGrant(
  reply: Reply,
  what: string,
  byStatus: (status: number) => Meaning,
  also: Meanings = overOrGone,
): Grant {
  const grant = mayBeSuccess(reply) ? GrantReply.safeParse(readRecord(reply.body)).data : undefined
  if (!grant) {
    const isRefusal = reply.status >= 300 || namedMeaning(reply, also)
    if (isRefusal) throw refusalOf(reply, what, (status) => (status < 400 ? unreadable : byStatus(status)), also)
    const { code, ...options } = unreadable
    throw new ConnectionFailure(code, `Sikka answered ${what} without a usable request key`, options)
  }
  const { request_key: requestKey, refresh_key: refreshKey, issued_to: issuedTo, expires_in: expiresIn } = grant
  return {
    requestKey: new Redacted(requestKey),
    refreshKey: refreshKey === undefined ? undefined : new Redacted(refreshKey),
    issuedTo,
    expiresAt: new Date(reply.receivedAt.getTime() + (readLifetime(expiresIn) ?? assumedLife) * 1000),
  }
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
