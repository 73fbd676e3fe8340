import { Hono } from 'hono'
import { applicationError, chosenError, lasts, refuseAs, scenarioOf, type Cloud } from './cloud.ts'
import { message } from './errors.ts'
import { presentedKey } from './known-key.ts'
import type { Authorization } from './ledger.ts'
import type { Scenario } from './scenario.ts'

/**
 * `DELETE /v4/request_key` (Request-Key) and `DELETE /v4/refresh_key` (Refresh-Key, App-Id, App-Key)
 * answer API0002. The practice's own authorization stays (sikka-api, Revocation).
 */
export function revocationRoutes(cloud: Cloud): Hono {
  return new Hono()
    .delete('/v4/request_key', async (c) => {
      cloud.calls.deleteRequestKey++
      const { requestKey, error } = presentedKey(cloud, c.req.header('request-key'))
      const scenario = scenarioOf(cloud, requestKey?.authorization)
      const chosen = chosenError(scenario, 'revocationError', requestKey?.authorization)
      // A key may be deleted also after its practice withdrew.
      if (chosen) return refuseAs(scenario, chosen)
      if (error && error !== 'API2007') return refuseAs(scenario, error === 'API1026' ? 'API2009' : error)
      if (!requestKey) return refuseAs(scenario, 'API2009')
      const odd = oddAnswer(scenario, requestKey.authorization)
      if (odd) return odd
      requestKey.dead = true
      await cloud.save()
      return deleted()
    })
    .delete('/v4/refresh_key', async (c) => {
      cloud.calls.deleteRefreshKey++
      const given = c.req.header('refresh-key')
      const refreshKey = given === undefined ? undefined : cloud.ledger.records.refreshKeys.get(given)
      const scenario = scenarioOf(cloud, refreshKey?.authorization)
      const error =
        chosenError(scenario, 'revocationError', refreshKey?.authorization) ??
        applicationError(cloud, c.req.header('app-id'), c.req.header('app-key'))
      if (error) return refuseAs(scenario, error)
      if (!given) return refuseAs(scenario, 'API1020')
      if (!refreshKey || refreshKey.dead) return refuseAs(scenario, 'API2009')
      const odd = oddAnswer(scenario, refreshKey.authorization)
      if (odd) return odd
      refreshKey.dead = true
      await cloud.save()
      return deleted()
    })
}

/** An answer that looks like a success, while the key stays alive (A5). */
function oddAnswer(scenario: Scenario, authorization: Authorization): Response | undefined {
  if (scenario.revocationAnswer === 'ok' || !lasts(scenario, 'revocationAnswer', authorization)) return undefined
  switch (scenario.revocationAnswer) {
    case 'unknown_code':
      return Response.json(message(200, 'API9999', 'Unknown error'))
    case 'error_status':
      return Response.json({ ...message(500, '', 'Not deleted') })
    case 'html':
      return new Response('<!doctype html><title>Sikka</title><p>Welcome', { headers: { 'content-type': 'text/html' } })
  }
}

function deleted(): Response {
  return Response.json(message(200, 'API0002', 'Deleted'))
}
