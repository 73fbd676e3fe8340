import { Hono, type Context } from 'hono'
import { applicationError, refuseAs, scenarioOf, type Cloud } from './cloud.ts'
import { presentedKey } from './known-key.ts'
import type { Authorization } from './ledger.ts'
import { keyFacts, zoneless } from './request-key-answer.ts'

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
      return ofOffice(cloud, c, ({ officeId }, dataSync) => ({
        office_id: officeId,
        practice_id: '1',
        status: dataSync,
      }))
    })
    .get('/v4/health_check', (c) => {
      cloud.calls.healthCheck++
      return ofOffice(cloud, c, ({ officeId }, dataSync) => ({
        office_id: officeId,
        spu_version: '1.0.0',
        last_refresh: zoneless(new Date(cloud.now().getTime() - (dataSync === 'refresh' ? 1 : 48) * 60 * 60 * 1000)),
        errors: dataSync === 'refresh' ? [] : ['No contact for 24 hours'],
      }))
    })
}

function ofOffice(
  cloud: Cloud,
  c: Context,
  answer: (office: Authorization, dataSync: 'refresh' | 'not_refresh') => Record<string, unknown>,
): Response {
  const officeId = c.req.query('office_id')
  const office = officeId === undefined ? undefined : cloud.ledger.authorizationOf(officeId)
  const scenario = scenarioOf(cloud, office)
  const error = applicationError(cloud, c.req.header('app-id'), c.req.header('app-key'))
  if (error) return refuseAs(scenario, error)
  if (!officeId) return refuseAs(scenario, 'API1003')
  if (!office || scenario.authorization === 'withdrawn') return refuseAs(scenario, 'API2007')
  return c.json(answer(office, scenario.dataSync))
}
