import * as z from 'zod'
import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import type { Reply, Request } from './call.ts'
import { readListedPractice, type ListedPractice } from './listed-practice.ts'
import { readJson, recordIn } from './read-json.ts'
import { mayBeSuccess, refusalOf, saysNothingThere, statusMeaning, type Meanings } from './refusal.ts'

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
const mostItems = 1_000

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

/** A refused key says nothing of the practice: Sikka may not know the key yet. */
const notThePractice: Meanings = new Map([['invalid_grant', { code: 'CONFIG' }]])

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
  return { listed: items.map(readListedPractice), total, isFull }
}

const nothing: PracticePage = { listed: [], total: 0, isFull: false }

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
