import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import type { EdgeEnvironment } from './request-context.ts'

const exposed = ['retry-after', 'x-request-id']

/**
 * Lets pages of these origins read responses. Hono's `cors` handles the preflights; on other responses it would copy
 * all headers again, so those get their headers before the route runs.
 */
export function crossOrigin(origins: readonly string[]) {
  const preflight = cors({
    origin: [...origins],
    credentials: true,
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization', 'content-type'],
    exposeHeaders: exposed,
    maxAge: 600,
  })
  const allowed = new Set(origins)
  const headers = new Map([
    ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', exposed.join(',')],
  ])
  return createMiddleware<EdgeEnvironment>((c, next) => {
    const { incoming, outgoing } = c.env
    if (incoming.method === 'OPTIONS') return preflight(c, next)
    const { origin } = incoming.headers
    outgoing.setHeader('vary', 'Origin')
    if (origin !== undefined && allowed.has(origin)) {
      outgoing.setHeaders(headers).setHeader('access-control-allow-origin', origin)
    }
    return next()
  })
}
