import * as z from 'zod'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { readOfficeId } from '../office-id.ts'
import type { Reply, Request } from './call.ts'
import { OfficeId, WrittenId } from './office-id.ts'
import { readJson, recordIn } from './read-json.ts'
import { mayBeSuccess, refusalOf, saysNothingThere, statusMeaning, type Meanings } from './refusal.ts'

/** One practice of `GET /v4/authorized_practices`. The list may hold other users' too. */
interface Practice {
  officeId: string
  /** as Sikka writes it, where that differs */
  writtenOfficeId?: string
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
  /** whether it holds as many as a page may, so that another may follow; by Sikka's link too where it gives no total */
  isFull: boolean
}

/** Practices a page that we ask for; public clients ask for as many. */
const askedPage = 500
/** Practices a page by default (sikka-api): a page of so many may be full, also where we have asked for more. */
const usualPage = 50
/** Most practices a page that are read. */
const mostItems = 2_000

/**
 * What is shown of a name. Control and direction characters would let it pose as something else; joiners belong to
 * the spelling of Persian and of Indian languages (A8). A database takes no half of a character.
 */
const Name = z
  .union([z.string(), z.int().transform(String)])
  .transform((value) => {
    const clean = value.toWellFormed().replace(/[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]+/gv, ' ')
    return Array.from(clean.trim()).slice(0, 200).join('')
  })
  .refine((value) => /[^\s\p{Cf}]/u.test(value))

const Item = z
  .object({
    office_id: WrittenId,
    secret_key: z
      .string()
      .trim()
      .regex(/^[\x21-\x7e]{1,512}$/),
    practice_id: z
      .union([WrittenId, z.string().regex(/^\s*$/), z.null()])
      .optional()
      .transform((value) => value?.trim() || '1'),
    practice_name: Name.catch('Practice'),
    practice_management_system: Name.optional().catch(undefined),
    pms_type: Name.optional().catch(undefined),
    city: Name.optional().catch(undefined),
    state: Name.optional().catch(undefined),
  })
  .transform((item): Practice => ({
    ...readOfficeId(item.office_id),
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
const Count = z
  .union([
    z.int().nonnegative(),
    z
      .string()
      .trim()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined)

const Envelope = z.object({
  items: z.unknown(),
  total_count: Count,
  limit: Count,
  pagination: z.object({ next: z.string().trim().optional() }).optional().catch(undefined),
})

/** One page, from 0 (`offset` is a page number), with every place of each office and not just the first. */
export function practicesRequest(apiUrl: string, requestKey: Redacted, page: number): [url: URL, request: Request] {
  const url = new URL('/v4/authorized_practices', apiUrl)
  url.searchParams.set('limit', String(askedPage))
  url.searchParams.set('offset', String(page))
  url.searchParams.set('show', 'all')
  return [url, { method: 'GET', headers: { 'request-key': requestKey.reveal(), accept: 'application/json' } }]
}

/** A refused parameter or key says nothing of the practice: our request is wrong, or Sikka does not know the key yet. */
const notThePractice: Meanings = new Map(
  ['API1020', 'API1026', 'invalid_grant'].map((named) => [named, { code: 'CONFIG' }]),
)

/**
 * Reads one page. The list may be every user's, so an item that cannot be used is told apart and not
 * everybody's failure; whose it is decides what it means (F43, F44).
 * @throws {ConnectionFailure} PROVIDER_ERROR (401), PROVIDER_UNAVAILABLE, CONFIG or BAD_RESPONSE
 */
export function readPractices(reply: Reply): PracticePage {
  if (saysNothingThere(reply)) return nothing
  if (!mayBeSuccess(reply)) throw refusalOf(reply, 'the list of practices', statusMeaning, notThePractice)
  if (reply.body.trim() === '') return nothing
  const body = readJson(reply.body)
  if (Array.isArray(body) && body.length === 0) return nothing
  const envelope = Envelope.safeParse(isBareList(body) ? { items: body } : recordIn(body))
  const items = envelope.success ? itemsIn(envelope.data.items) : undefined
  if (!items || !envelope.success) throw new ConnectionFailure('BAD_RESPONSE', 'The list of practices cannot be read')
  if (items.length > mostItems) {
    throw new ConnectionFailure('BAD_RESPONSE', `The list of practices has more than ${mostItems} on a page`)
  }
  const { total_count: total, limit, pagination } = envelope.data
  const isFull = items.length >= Math.min(usualPage, limit || usualPage) || (total === undefined && !!pagination?.next)
  return { listed: items.map(readItem), total, isFull }
}

const nothing: PracticePage = { listed: [], total: 0, isFull: false }

function readItem(item: unknown): ListedPractice {
  const practice = Item.safeParse(item).data
  return { practice, officeId: practice?.officeId ?? OfficeOnly.safeParse(item).data?.office_id }
}

/** Absent values are `null` or `""`; a single item may stand without its array. */
function itemsIn(items: unknown): unknown[] | undefined {
  if (Array.isArray(items)) return items
  if (items === null || items === '') return []
  return recordIn(items) ? [items] : undefined
}

/** The items without their envelope. */
function isBareList(body: unknown): boolean {
  return Array.isArray(body) && recordIn(body)?.['office_id'] !== undefined
}
