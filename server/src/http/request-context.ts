import { randomUUID } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { Logger } from 'pino'
import { statusPaths, type Tried } from './status-question.ts'

/** What every handler of the edge has. */
export interface EdgeEnvironment {
  Bindings: Tried
  Variables: { requestId: string; log: Logger }
}

/** Longest part of a path that is logged as it is, characters: no name of ours is longer, and every key is. */
const longestPart = 40

/** Whether the client has gone before its body had arrived: what then fails is not ours (S2). */
export function isBrokenOff(env: Partial<Pick<Tried, 'incoming'>> | undefined): boolean {
  const incoming = env?.incoming
  return incoming !== undefined && incoming.destroyed && !incoming.complete
}

/** A path as it may be logged: what a client has put there by mistake, such as a token, stays unsaid. */
export function pathForLog(path: string): string {
  return path.replaceAll(/[^/,]+/g, (part) => (part.length > longestPart ? '[long]' : part)).slice(0, 300)
}

/** What is asked all the time is logged at debug: health, and a status question that was answered. */
const health = new Set(['/livez', '/readyz'])
const statusQuestion = new Set<string>(Object.values(statusPaths))

/**
 * Gives each request an id, which its log lines and any error carry, and logs its end: method, path
 * without the query (codes and states travel there), status, milliseconds.
 */
export function requestContext(log: Logger) {
  return createMiddleware<EdgeEnvironment>(async (c, next) => {
    const requestId = randomUUID()
    const requestLog = log.child({ requestId })
    c.set('requestId', requestId)
    c.set('log', requestLog)
    const startedAt = performance.now()
    await next()
    c.res.headers.set('x-request-id', requestId)
    const { method, path } = c.req
    const { status } = c.res
    const quiet = health.has(path) || isBrokenOff(c.env) || (status < 400 && statusQuestion.has(path))
    requestLog[quiet ? 'debug' : 'info'](
      { method, path: pathForLog(path), status, ms: Math.round(performance.now() - startedAt) },
      'request',
    )
  })
}
