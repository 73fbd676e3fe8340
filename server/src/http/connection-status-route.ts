import { ConnectionStatusInput, type ConnectionStatus } from '@pms/shared/connection-status'
import { Hono } from 'hono'
import { Refusal } from './api-error-code.ts'
import type { CallLimits } from './limits.ts'
import type { EdgeEnvironment } from './request-context.ts'
import type { UseCases } from './use-cases.ts'

/** `GET /api/pms/connection-status`: `pms.connectionStatus` for clients without tRPC, its input in the query. */
export function connectionStatusRoute(parts: {
  useCases: Pick<UseCases, 'signIn' | 'connectionStatus'>
  limits: CallLimits
}) {
  return new Hono<EdgeEnvironment>().get('/api/pms/connection-status', async (c) => {
    const { accountId } = await parts.useCases.signIn(c.req.header('authorization'))
    await parts.limits.count('pms.connectionStatus', accountId)
    const query = c.req.queries()
    if (Object.values(query).some((values) => values.length > 1)) throw new Refusal('BAD_REQUEST')
    const { waitSeconds, ...others } = c.req.query()
    const input = ConnectionStatusInput.safeParse({
      ...others,
      ...(waitSeconds === undefined ? {} : { waitSeconds: waitSeconds === '' ? Number.NaN : Number(waitSeconds) }),
    })
    if (!input.success) throw new Refusal('BAD_REQUEST')
    const answer = await parts.useCases.connectionStatus(accountId, input.data, c.req.raw.signal)
    if (!answer) throw new Refusal('NOT_FOUND')
    if (answer.isNews) await parts.limits.doNotCount('pms.connectionStatus', accountId)
    return c.json<ConnectionStatus>(answer.status, 200, { 'cache-control': 'no-store' })
  })
}
