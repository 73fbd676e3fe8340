import type { Context } from 'hono'
import { refuseAs } from './cloud.ts'
import { message } from './errors.ts'
import { manyOffices, type Practice } from './practices.ts'
import type { Scenario } from './scenario.ts'

/** One item of a list: a place of an office. */
interface Place {
  practice: Practice
  practiceId: string
}

/** The places that are listed: the first of each office, and the others with `show=all`. */
export function placesOf(practices: Practice[], { places }: Scenario, showAll: boolean): Place[] {
  const first = places === 'second_only' ? [] : ['1']
  const second = places === 'second_only' ? '2' : '1-1'
  const practiceIds = showAll && places !== 'unnumbered' ? [...first, second] : first
  return practices.flatMap((practice) => practiceIds.map((practiceId) => ({ practice, practiceId })))
}

/** One page, honest or as the scenario has it (A7, A12). @param page its number, from 0 */
export function pageOf(all: Place[], { pages }: Scenario, page: number, limit: number): Place[] {
  const slice = (number: number) => all.slice(number * limit, (number + 1) * limit)
  switch (pages) {
    case 'honest':
    case 'at_most_50':
      return slice(page)
    case 'offset_ignored':
      return slice(0)
    case 'endless':
      return manyOffices(limit, page * limit).map((practice) => ({ practice, practiceId: '1' }))
    case 'gap':
      return page === 0 ? slice(0) : page === 1 ? [] : slice(page - 1)
  }
}

export function totalCount({ totalCount: said }: Scenario, all: number, shown: number): { total_count?: string } {
  switch (said) {
    case 'right':
      return { total_count: String(all) }
    case 'missing':
      return {}
    case 'of_page':
      return { total_count: String(shown) }
    case 'too_high':
      return { total_count: String(all + 50) }
  }
}

/** @param isBehindAll whether there are practices, before this page */
export function noPractices(scenario: Scenario, isBehindAll: boolean): Response {
  switch (isBehindAll ? '204' : scenario.empty) {
    case '204':
    case 'list':
      return new Response(null, { status: 204 })
    case '401':
      return refuseAs(scenario, 'API2007')
    case 'api2005':
      return Response.json(message(200, 'API2005', 'There is nothing'))
    case 'nothing':
      return new Response('', { headers: { 'content-type': 'application/json' } })
    case 'array':
      return Response.json([])
    case 'items_null':
      return Response.json({ offset: '0', limit: '50', total_count: '0', items: null })
  }
}

export function pagination(c: Context, page: number, limit: number, count: number): Record<string, string> {
  const last = Math.max(0, Math.ceil(count / limit) - 1)
  const link = (to: number) => {
    const url = new URL(c.req.url)
    url.searchParams.set('offset', String(to))
    url.searchParams.set('limit', String(limit))
    return url.href
  }
  return {
    first: link(0),
    previous: page > 0 ? link(page - 1) : '',
    current: link(page),
    next: page < last ? link(page + 1) : '',
    last: link(last),
  }
}

/** @returns undefined when absent, NaN when it is not a whole number in these bounds */
export function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : Number.NaN
}
