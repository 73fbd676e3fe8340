import { Hono } from 'hono'
import { applicationError, refuseAs, type Cloud } from './cloud.ts'
import { exchangeCode } from './exchange-code.ts'
import { fieldsOf } from './fields.ts'
import { grantBySecretKey, refresh } from './renew-request-key.ts'

const grants = { authorization_code: exchangeCode, request_key: grantBySecretKey, refresh_key: refresh } as const

/** `POST /v4/request_key`: three grants. */
export function requestKeyRoute(cloud: Cloud): Hono {
  return new Hono().post('/v4/request_key', async (c) => {
    const fields = fieldsOf(await c.req.json().catch(() => undefined))
    const grant = fields('grant_type') ?? 'none'
    const known = Object.hasOwn(grants, grant) ? (grant as keyof typeof grants) : undefined
    cloud.calls.requestKey[known ?? 'other']++
    const error = known ? applicationError(cloud, fields('app_id'), fields('app_key')) : 'API1020'
    if (error || !known) return refuseAs(cloud.scenario.current, error ?? 'API1020')
    return grants[known](cloud, c, fields)
  })
}
