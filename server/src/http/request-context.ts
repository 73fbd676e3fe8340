import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import type { Logger } from 'pino'

/** Available to every handler of the edge. */
export interface EdgeEnvironment {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    /** the logger, with the request's id; created on first use */
    log: () => Logger
  }
}

/** Longest path segment logged unmasked, characters: none of our names is longer, and every key is. */
const longestPart = 40

/** Whether the client disconnected before its body arrived: what then fails is not our error (S2). */
export function isBrokenOff(env: Partial<Pick<HttpBindings, 'incoming'>> | undefined): boolean {
  const incoming = env?.incoming
  return incoming !== undefined && incoming.destroyed && !incoming.complete
}

/** A path that is safe to log: masks what a client put there by mistake, such as a token. */
export function pathForLog(path: string): string {
  return path.replaceAll(/[^/,]+/g, (part) => (part.length > longestPart ? '[long]' : part)).slice(0, 300)
}

/** Frequent requests are logged at debug: health checks, and successful status requests. */
const health = new Set(['/livez', '/readyz'])
const statusPaths = new Set(['/trpc/pms.connectionStatus', '/api/pms/connection-status'])

/**
 * Gives each request an id, carried by its response, log lines and errors, and logs its end: method, path without the
 * query (it may hold codes and states), status, milliseconds.
 */
export function requestContext(log: Logger) {
  return createMiddleware<EdgeEnvironment>(async (c, next) => {
    const requestId = randomUUID()
    let requestLog: Logger | undefined
    const logOfRequest = () => (requestLog ??= log.child({ requestId }))
    c.set('requestId', requestId)
    c.set('log', logOfRequest)
    c.env.outgoing.setHeader('x-request-id', requestId)
    const startedAt = performance.now()
    await next()
    const { method, path } = c.req
    const { status } = c.res
    const isQuiet = health.has(path) || isBrokenOff(c.env) || (status < 400 && statusPaths.has(path))
    const level = isQuiet ? 'debug' : 'info'
    if (!log.isLevelEnabled(level)) return
    const ms = Math.round(performance.now() - startedAt)
    logOfRequest()[level]({ method, path: pathForLog(path), status, ms }, 'request')
  })
}
