import { Hono, type Context } from 'hono'
import { answer } from './answer.ts'
import { applicationError, chosenError, pause, refuseAs, scenarioOf, type Cloud } from './cloud.ts'
import type { ErrorCode } from './errors.ts'
import { presentedKey } from './known-key.ts'
import type { Authorization } from './ledger.ts'
import { listedPractices } from './listed-practices.ts'
import { practiceItem } from './practice-item.ts'
import type { Scenario } from './scenario.ts'

/** Practices a page where the request does not say (documented), and the most it may ask for. */
const defaultLimit = 50
const mostLimit = 500

/** `GET /v4/authorized_practices`: with a request key, or with App-Id and App-Key for the whole application. */
export function authorizedPracticesRoute(cloud: Cloud): Hono {
  return new Hono().get('/v4/authorized_practices', async (c) => {
    cloud.calls.authorizedPractices++
    const { requestKey, error: keyError } = presentedKey(cloud, c.req.header('request-key'))
    const authorization = requestKey?.authorization
    const scenario = scenarioOf(cloud, authorization)
    await pause(c, scenario.practicesDelayMs)
    const error = chosenError(scenario, 'practicesError', authorization) ?? accessError(cloud, c, keyError)
    if (error) return refuseAs(scenario, error)
    if (requestKey) requestKey.requests++
    return list(cloud, c, scenario, authorization)
  })
}

/** App-Id and App-Key have to be right where they are given, and are enough where no request key is. */
function accessError(cloud: Cloud, c: Context, keyError: ErrorCode | undefined): ErrorCode | undefined {
  const [appId, appKey] = [c.req.header('app-id'), c.req.header('app-key')]
  if (appId === undefined && appKey === undefined) return keyError
  return applicationError(cloud, appId, appKey) ?? (c.req.header('request-key') === undefined ? undefined : keyError)
}

async function list(
  cloud: Cloud,
  c: Context,
  scenario: Scenario,
  authorization: Authorization | undefined,
): Promise<Response> {
  const page = wholeNumber(c.req.query('offset'), 0, Number.MAX_SAFE_INTEGER) ?? 0
  const limit = wholeNumber(c.req.query('limit'), 1, mostLimit) ?? defaultLimit
  if (Number.isNaN(page) || Number.isNaN(limit)) return refuseAs(scenario, 'API1020')

  const tooEarly = authorization !== undefined && authorization.lists++ < scenario.practicesAfter
  const practices = tooEarly ? [] : listedPractices(cloud, scenario, authorization)
  const practiceIds = c.req.query('show') === 'all' ? ['1', '1-1'] : ['1']
  const all = practices.flatMap((practice) => practiceIds.map((practiceId) => ({ practice, practiceId })))
  const shown = all.slice(page * limit, (page + 1) * limit)
  if (shown.length === 0) {
    if (all.length > 0 || scenario.empty === '204') return new Response(null, { status: 204 })
    if (scenario.empty === '401') return refuseAs(scenario, 'API2007')
  }
  if (scenario.secretKey === 'changes') {
    for (const officeId of new Set(shown.map(({ practice }) => practice.officeId)))
      cloud.ledger.renewSecretKey(officeId)
    await cloud.save()
  }
  const items = shown.map(({ practice, practiceId }) => practiceItem(cloud, c, scenario, practice, practiceId))
  const envelope = {
    offset: String(page),
    limit: String(limit),
    total_count: String(all.length),
    execution_time: '12',
    pagination: pagination(c, page, limit, all.length),
    items,
  }
  return answer(c, scenario.practicesAnswer, scenario.envelope === 'array' ? [envelope] : envelope)
}

function pagination(c: Context, page: number, limit: number, count: number): Record<string, string> {
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
function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : Number.NaN
}
