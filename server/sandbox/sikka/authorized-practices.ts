import { Hono, type Context } from 'hono'
import { answer } from './answer.ts'
import { applicationError, chosenError, lasts, pause, refuseAs, scenarioOf, type Cloud } from './cloud.ts'
import type { ErrorCode } from './errors.ts'
import { presentedKey } from './known-key.ts'
import type { Authorization } from './ledger.ts'
import { listedPractices } from './listed-practices.ts'
import { noPractices, pageOf, pagination, placesOf, totalCount, wholeNumber } from './list-pages.ts'
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
  const asked = wholeNumber(c.req.query('limit'), 1, mostLimit) ?? defaultLimit
  if (Number.isNaN(page) || Number.isNaN(asked)) return refuseAs(scenario, 'API1020')
  const limit = scenario.pages === 'at_most_50' ? Math.min(asked, defaultLimit) : asked

  const tooEarly = authorization !== undefined && authorization.lists++ < scenario.practicesAfter
  const practices = tooEarly ? [] : listedPractices(cloud, scenario, authorization)
  const all = placesOf(practices, scenario, c.req.query('show') === 'all')
  const shown = pageOf(all, scenario, page, limit)
  if (shown.length === 0 && (all.length > 0 || scenario.empty !== 'list')) return noPractices(scenario, all.length > 0)
  if (scenario.secretKey === 'changes') {
    for (const officeId of new Set(shown.map(({ practice }) => practice.officeId)))
      cloud.ledger.renewSecretKey(officeId)
    await cloud.save()
  }
  const items = shown.map(({ practice, practiceId }) => practiceItem(cloud, c, scenario, practice, practiceId))
  const envelope = {
    offset: String(page),
    limit: String(limit),
    ...totalCount(scenario, all.length, shown.length),
    execution_time: '12',
    pagination: pagination(c, page, limit, all.length),
    items,
  }
  const kind = lasts(scenario, 'practicesAnswer', authorization) ? scenario.practicesAnswer : 'ok'
  return answer(c, kind, scenario.envelope === 'array' ? [envelope] : envelope)
}
