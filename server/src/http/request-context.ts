import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import type { Logger } from 'pino'

/** What every handler of the edge has. */
export interface EdgeEnvironment {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    /** the log, with the request's id; made when something is logged */
    log: () => Logger
  }
}

/** Longest part of a path that is logged as it is, characters: no name of ours is longer, and every key is. */
const longestPart = 40

/** Whether the client has gone before its body had arrived: what then fails is not ours (S2). */
export function isBrokenOff(env: Partial<Pick<HttpBindings, 'incoming'>> | undefined): boolean {
  const incoming = env?.incoming
  return incoming !== undefined && incoming.destroyed && !incoming.complete
}

/** A path as it may be logged: what a client has put there by mistake, such as a token, stays unsaid. */
export function pathForLog(path: string): string {
  return path.replaceAll(/[^/,]+/g, (part) => (part.length > longestPart ? '[long]' : part)).slice(0, 300)
}

/** What is asked all the time is logged at debug: health, and a status that was answered. */
const health = new Set(['/livez', '/readyz'])
const statusPaths = new Set(['/trpc/pms.connectionStatus', '/api/pms/connection-status'])

/**
 * Gives each request an id, which its answer, its log lines and any error carry, and logs its end: method, path
 * without the query (codes and states travel there), status, milliseconds.
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
