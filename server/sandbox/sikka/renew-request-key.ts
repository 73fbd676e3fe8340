import type { Context } from 'hono'
import { chosenError, refuseAs, scenarioOf, type Cloud } from './cloud.ts'
import type { Authorization, RefreshKey } from './ledger.ts'
import type { Fields } from './fields.ts'
import { officeIdIn } from './practice-item.ts'
import { requestKeyAnswer } from './request-key-answer.ts'
import type { Scenario } from './scenario.ts'

/** The `request_key` grant: office id and secret key for a new key, without the user. */
export async function grantBySecretKey(cloud: Cloud, c: Context, fields: Fields): Promise<Response> {
  const officeId = fields('office_id')
  const secretKey = fields('secret_key')
  const authorization = officeId === undefined ? undefined : authorizationOfListed(cloud, officeId)
  const scenario = scenarioOf(cloud, authorization)
  if (officeId === undefined) return refuseAs(scenario, 'API1003')
  if (secretKey === undefined) return refuseAs(scenario, 'API1005')

  const error = chosenError(scenario, 'secretKeyError', authorization)
  if (error) return refuseAs(scenario, error)
  if (!authorization || scenario.authorization === 'withdrawn') return refuseAs(scenario, 'API2007')
  if (secretKey !== cloud.ledger.secretKeyOf(authorization.officeId)) return refuseAs(scenario, 'API1026')
  return renew(cloud, c, scenario, authorization, cloud.ledger.liveRefreshKeyOf(authorization))
}

/** An office is known by its id to the letter, in the case in which the list writes it (A11). */
function authorizationOfListed(cloud: Cloud, officeId: string): Authorization | undefined {
  return cloud.ledger.authorizations().find((authorization) => {
    const { officeIdForm } = scenarioOf(cloud, authorization)
    return String(officeIdIn(officeIdForm, authorization.officeId)).trim() === officeId
  })
}

/** The `refresh_key` grant. */
export async function refresh(cloud: Cloud, c: Context, fields: Fields): Promise<Response> {
  const given = fields('refresh_key')
  if (given === undefined) return refuseAs(cloud.scenario.current, 'API1020')
  const refreshKey = cloud.ledger.records.refreshKeys.get(given)
  const scenario = scenarioOf(cloud, refreshKey?.authorization)

  const error = chosenError(scenario, 'refreshError', refreshKey?.authorization)
  if (error) return refuseAs(scenario, error)
  if (scenario.authorization === 'withdrawn') return refuseAs(scenario, 'API2007')
  if (!refreshKey || refreshKey.dead) return refuseAs(scenario, 'API1026')
  // At once, so that of two refreshes with one key only the first succeeds (F94).
  refreshKey.dead = scenario.refreshKey === 'rotates' && scenario.oldRefreshKey === 'dies'
  return renew(cloud, c, scenario, refreshKey.authorization, refreshKey)
}

async function renew(
  cloud: Cloud,
  c: Context,
  scenario: Scenario,
  authorization: Authorization,
  old: RefreshKey | undefined,
): Promise<Response> {
  if (scenario.newKeyKillsOld) cloud.ledger.killRequestKeys(authorization.officeId)
  const requestKey = cloud.ledger.issueRequestKey(authorization, scenario.lifetimeSeconds)
  const { body, headers } = requestKeyAnswer(
    c,
    scenario,
    requestKey,
    refreshKeyFor(cloud, scenario, authorization, old),
  )
  await cloud.save()
  return Response.json(body, { headers })
}

function refreshKeyFor(
  cloud: Cloud,
  scenario: Scenario,
  authorization: Authorization,
  old: RefreshKey | undefined,
): RefreshKey | undefined {
  if (scenario.refreshKey === 'missing') return undefined
  return scenario.refreshKey === 'stays' && old ? old : cloud.ledger.issueRefreshKey(authorization)
}
