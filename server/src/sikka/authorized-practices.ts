import * as z from 'zod'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { readJson, type Reply, type Request } from './call.ts'
import { OfficeId, printableId } from './office-id.ts'
import { refusalOf, statusMeaning } from './refusal.ts'

/** One practice of `GET /v4/authorized_practices`. The list may hold other users' too. */
interface Practice {
  officeId: string
  secretKey: Redacted
  /** "1" or "1-1"; not unique across offices */
  practiceId: string
  practiceName: string
  pmsType: string
  city?: string | undefined
  state?: string | undefined
}

/** An item of the list; `practice` is missing where the item lacks what is needed to use it. */
export interface ListedPractice {
  officeId: string | undefined
  practice: Practice | undefined
}

export interface PracticePage {
  listed: ListedPractice[]
  /** how many the whole list has, where Sikka says it */
  total: number | undefined
}

/** Practices a page; the documented default. */
export const pageSize = 50
/** A list longer than this is not read to its end: 10,000 practices. */
export const mostPages = 200

/**
 * What is shown of a name: control and direction characters would let it pose as something else, and a
 * database takes no half of a character.
 */
const Name = z
  .string()
  .transform((value) => {
    const clean = value.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    return Array.from(clean.trim()).slice(0, 200).join('')
  })
  .refine((value) => value.length > 0)

const Item = z
  .object({
    office_id: OfficeId,
    secret_key: z.string().regex(/^[\x21-\x7e]{1,512}$/),
    practice_id: z
      .union([z.string(), z.number()])
      .transform(String)
      .refine((value) => printableId.test(value))
      .nullish()
      .transform((value) => value ?? '1'),
    practice_name: Name.catch('Practice'),
    practice_management_system: Name.optional().catch(undefined),
    pms_type: Name.optional().catch(undefined),
    city: Name.optional().catch(undefined),
    state: Name.optional().catch(undefined),
  })
  .transform((item): Practice => ({
    officeId: item.office_id,
    secretKey: new Redacted(item.secret_key),
    practiceId: item.practice_id,
    practiceName: item.practice_name,
    // The documented name first; the brief has the other (sikka-api).
    pmsType: item.practice_management_system ?? item.pms_type ?? 'Unknown',
    city: item.city,
    state: item.state,
  }))

const OfficeOnly = z.object({ office_id: OfficeId })

/** A number, or one as text; anything else says nothing. */
const Total = z
  .union([z.number(), z.string().regex(/^\d+$/)])
  .transform(Number)
  .optional()
  .catch(undefined)

const Envelope = z.object({ items: z.array(z.unknown()), total_count: Total })

/** One page, from 0 (`offset` is a page number). */
export function practicesRequest(apiUrl: string, requestKey: Redacted, page: number): [url: URL, request: Request] {
  const url = new URL('/v4/authorized_practices', apiUrl)
  url.searchParams.set('limit', String(pageSize))
  url.searchParams.set('offset', String(page))
  return [url, { method: 'GET', headers: { 'request-key': requestKey.reveal(), accept: 'application/json' } }]
}

/**
 * Reads one page. The list may be every user's, so an item that cannot be used is told apart and not
 * everybody's failure; whose it is decides what it means (F43, F44).
 * @throws {ConnectionFailure} PROVIDER_ERROR (401), PROVIDER_UNAVAILABLE, CONFIG or BAD_RESPONSE
 */
export function readPractices(reply: Reply): PracticePage {
  if (reply.status === 204) return { listed: [], total: 0 }
  if (reply.status !== 200) throw refusalOf(reply, 'the list of practices', statusMeaning)
  const body: unknown = readJson(reply.body)
  const envelope = Envelope.safeParse(Array.isArray(body) ? body[0] : body)
  if (!envelope.success) throw new ConnectionFailure('BAD_RESPONSE', 'The list of practices cannot be read')
  const listed = envelope.data.items.map((each): ListedPractice => {
    const practice = Item.safeParse(each).data
    return { practice, officeId: practice?.officeId ?? OfficeOnly.safeParse(each).data?.office_id }
  })
  return { listed, total: envelope.data.total_count }
}
