import { Hono } from 'hono'
import type { EdgeEnvironment } from './request-context.ts'
import type { UseCases } from './use-cases.ts'

const noStore = { 'cache-control': 'no-store' }

/**
 * `/livez`: the process responds. `/readyz`: ready for traffic: the database responds and has every migration, and the
 * server is not draining; `degraded` while Sikka, AWS or sign-in prevent starting connections (contract, section 4).
 * Neither says why: log and metrics do.
 */
export function healthRoutes(parts: { checkReady: UseCases['checkReady'] }) {
  return new Hono<EdgeEnvironment>()
    .get('/livez', (c) => c.text('ok', 200, noStore))
    .get('/readyz', async (c) => {
      try {
        return c.text(await parts.checkReady(), 200, noStore)
      } catch (error) {
        c.get('log')().warn({ err: error }, 'not ready')
        return c.text('not ready', 503, noStore)
      }
    })
}
