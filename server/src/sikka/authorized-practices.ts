import * as z from 'zod'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { readJson, type Reply } from './call.ts'
import { OfficeId } from './office-id.ts'
import { refusalOf, statusMeaning } from './refusal.ts'

/** One practice of `GET /v4/authorized_practices`. The list may hold other users' too. */
export interface Practice {
  officeId: string
  secretKey: Redacted
  /** "1" or "1-1"; not unique across offices */
  practiceId: string
  practiceName: string
  pmsType: string
}

export interface PracticePage {
  practices: Practice[]
  /** false on the last page */
  more: boolean
}

/** Practices a page; the documented default. */
const pageSize = 50
/** A list longer than this is not read to its end: 10,000 practices. */
export const mostPages = 200

/** What is shown of a name: control and direction characters would let it pose as something else. */
const Name = z
  .string()
  .transform((value) =>
    value
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim()
      .slice(0, 200),
  )
  .refine((value) => value.length > 0)

const Item = z
  .object({
    office_id: OfficeId,
    secret_key: z.string().min(1).max(512),
    practice_id: z.union([z.string(), z.number()]).transform(String).default('1'),
    practice_name: Name.catch('Practice'),
    practice_management_system: Name.optional().catch(undefined),
    pms_type: Name.optional().catch(undefined),
  })
  .transform((item) => ({
    officeId: item.office_id,
    secretKey: new Redacted(item.secret_key),
    practiceId: item.practice_id,
    practiceName: item.practice_name,
    // The documented name first; the brief has the other (sikka-api).
    pmsType: item.practice_management_system ?? item.pms_type ?? 'Unknown',
  }))

/** A number, or one as text; anything else says nothing. */
const Total = z
  .union([z.number(), z.string().regex(/^\d+$/)])
  .transform(Number)
  .optional()
  .catch(undefined)

const Envelope = z.object({ items: z.array(z.unknown()), total_count: Total })

/** One page, from 0 (`offset` is a page number). */
export function practicesRequest(apiUrl: string, requestKey: Redacted, page: number): [url: URL, init: RequestInit] {
  const url = new URL('/v4/authorized_practices', apiUrl)
  url.searchParams.set('limit', String(pageSize))
  url.searchParams.set('offset', String(page))
  return [url, { method: 'GET', headers: { 'request-key': requestKey.reveal(), accept: 'application/json' } }]
}

/**
 * Reads one page. Items without office or secret key cannot be used and make the answer bad (F43, F44).
 * @throws {ConnectionFailure} PROVIDER_ERROR (401), PROVIDER_UNAVAILABLE, CONFIG or BAD_RESPONSE
 */
export function readPractices(reply: Reply, page: number): PracticePage {
  if (reply.status === 204) return { practices: [], more: false }
  if (reply.status !== 200) throw refusalOf(reply, 'the list of practices', statusMeaning)
  const body: unknown = readJson(reply.body)
  const envelope = Envelope.safeParse(Array.isArray(body) ? body[0] : body)
  if (!envelope.success) throw new ConnectionFailure('BAD_RESPONSE', 'The list of practices cannot be read')
  const items = z.array(Item).safeParse(envelope.data.items)
  if (!items.success) {
    throw new ConnectionFailure('BAD_RESPONSE', 'A practice in the list lacks its office or secret key')
  }
  const seen = page * pageSize + items.data.length
  const full = items.data.length >= pageSize
  return { practices: items.data, more: full && seen < (envelope.data.total_count ?? Infinity) }
}
