import { Hono, type Context } from 'hono'
import { applicationError, chosenError, refuseAs, scenarioOf, type Cloud } from './cloud.ts'
import { healthItem, syncItem } from './health-item.ts'
import { presentedKey } from './known-key.ts'
import type { Authorization } from './ledger.ts'
import { pagination, wholeNumber } from './list-pages.ts'
import { keyFacts } from './request-key-answer.ts'

/** Practices a page of the health calls where the request does not say, and the most it may ask for. */
const defaultLimit = 50
const mostLimit = 5_000

/** `request_key_info` (is the key alive?), `data_sync_status` and `health_check` (is the practice in contact?). */
export function healthRoutes(cloud: Cloud): Hono {
  return new Hono()
    .get('/v4/request_key_info', (c) => {
      cloud.calls.requestKeyInfo++
      const { requestKey, error } = presentedKey(cloud, c.req.header('request-key'))
      const scenario = scenarioOf(cloud, requestKey?.authorization)
      if (!requestKey || error) return refuseAs(scenario, error ?? 'API1026')
      const secondsLeft = Math.ceil((requestKey.endsAt.getTime() - cloud.now().getTime()) / 1000)
      return c.json({
        request_key: requestKey.key,
        ...keyFacts(scenario, requestKey),
        expires_in: `${secondsLeft} second(s)`,
      })
    })
    .get('/v4/data_sync_status', (c) => {
      cloud.calls.dataSyncStatus++
      return ofOffices(cloud, c, false, (office) => syncItem(office, scenarioOf(cloud, office), cloud.now()))
    })
    .get('/v4/health_check', (c) => {
      cloud.calls.healthCheck++
      return ofOffices(cloud, c, true, (office) => healthItem(office, scenarioOf(cloud, office), cloud.now()))
    })
}

/** Of one office by `office_id`, or of all: with `interval` those that were refreshed within so many minutes. */
function ofOffices(
  cloud: Cloud,
  c: Context,
  needsOffice: boolean,
  item: (office: Authorization) => Record<string, unknown>,
): Response {
  const officeId = c.req.query('office_id')
  const office = officeId === undefined ? undefined : cloud.ledger.authorizationOf(officeId)
  const scenario = scenarioOf(cloud, office)
  const error =
    applicationError(cloud, c.req.header('app-id'), c.req.header('app-key')) ??
    chosenError(scenario, 'healthError', office)
  if (error) return refuseAs(scenario, error)
  if (!officeId && needsOffice) return refuseAs(scenario, 'API1003')
  if (officeId && (!office || scenario.authorization === 'withdrawn')) return refuseAs(scenario, 'API2007')
  const page = wholeNumber(c.req.query('offset'), 0, Number.MAX_SAFE_INTEGER) ?? 0
  const limit = wholeNumber(c.req.query('limit'), 1, mostLimit) ?? defaultLimit
  if (Number.isNaN(page) || Number.isNaN(limit)) return refuseAs(scenario, 'API1020')
  const offices = office ? [office] : fleet(cloud, c.req.query('interval') !== undefined)
  const items = offices.slice(page * limit, (page + 1) * limit).map(item)
  if (items.length === 0) return new Response(null, { status: 204 })
  return c.json({
    offset: String(page),
    limit: String(limit),
    total_count: String(offices.length),
    execution_time: '12',
    pagination: pagination(c, page, limit, offices.length),
    items,
  })
}

function fleet(cloud: Cloud, isFresh: boolean): Authorization[] {
  return cloud.ledger.authorizations().filter((office) => {
    const { authorization, dataSync } = scenarioOf(cloud, office)
    return authorization === 'stands' && (!isFresh || dataSync === 'refresh')
  })
}
