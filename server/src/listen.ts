import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import { StartError } from './config/start-error.ts'
import { answerOneAtATime, mostConnections } from './connections.ts'

/** A taken port. */
export interface Listener {
  port: number
  /** Answers requests from now on. */
  serve: (app: App, log: Pick<Logger, 'debug' | 'warn'>) => void
  /** No new connections; requests that are being answered may end, for so long (milliseconds). */
  close: (within?: number) => Promise<void>
}

interface App {
  fetch: (request: Request) => Response | Promise<Response>
}

/**
 * Milliseconds, and counts (decision 18). The keep-alive time is longer than the idle time of usual balancers (60 s), so
 * that they close first.
 */
export const usualLimits = {
  keepAlive: 65_000,
  headers: 10_000,
  request: 30_000,
  check: 2_000,
  close: 20_000,
  unread: 30_000,
  waiting: 4,
} as const

/** Pause between two warnings that connections are refused, milliseconds. */
const warnEvery = 60_000

/**
 * Takes the port, before anything else is started for it.
 * @param port 0 for any free one
 * @param given limits other than the usual ones, for tests
 * @throws {StartError} when it cannot be had
 */
export async function bind(
  host: string,
  port: number,
  given: Partial<Record<keyof typeof usualLimits | 'connections', number>> = {},
): Promise<Listener> {
  const limits = { connections: mostConnections(), ...usualLimits, ...given }
  const http = createServer({
    keepAliveTimeout: limits.keepAlive,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    connectionsCheckingInterval: limits.check,
    maxHeaderSize: 16 * 1024,
    // Node would read the first of two tokens and hide the second: together they are none (AT7).
    joinDuplicateHeaders: true,
  })
  http.listen({ host, port })
  try {
    await once(http, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new StartError(
      code === 'EADDRINUSE'
        ? `Port ${port} is taken. Free it, or set PORT to another one.`
        : `The server cannot listen on port ${port} of HOST (${code}). Set HOST and PORT to others.`,
      { cause: error },
    )
  }
  let answering = 0
  const isOver = (): void => {
    answering -= 1
  }
  return {
    port: (http.address() as AddressInfo).port,
    serve: (app, log) => {
      // HTTP/1.0 has no Host; balancers check health with it (S3). No answer depends on the name.
      const answer = getRequestListener(app.fetch, { hostname: 'localhost' })
      answerOneAtATime(http, limits, {
        answer(request, response) {
          answering += 1
          response.on('close', isOver)
          if (request.url === '*') answerForServer(request, response)
          else void answer(request, response)
        },
        onCut: (reason) => log.debug({ reason }, 'connection cut off'),
      })
      let warnAt = -Infinity
      http.on('drop', () => {
        if (performance.now() < warnAt) return
        warnAt = performance.now() + warnEvery
        log.warn({ connections: limits.connections }, 'connections are refused: as many are open as may be')
      })
    },
    close: async (within = limits.close) => {
      const closed = once(http, 'close')
      http.close()
      const giveUpAt = performance.now() + within
      // Node waits for connections that say nothing and for those that become idle later; nobody else does.
      const look = setInterval(() => {
        if (answering === 0 || performance.now() > giveUpAt) http.closeAllConnections()
        else http.closeIdleConnections()
      }, 20)
      await closed
      clearInterval(look)
    },
  }
}

/** `OPTIONS *` asks whether the server answers at all (RFC 9110, section 9.3.7); it names no route. */
function answerForServer({ method }: IncomingMessage, response: ServerResponse): void {
  if (method === 'OPTIONS') response.writeHead(204, { allow: 'GET, HEAD, POST, OPTIONS' }).end()
  else response.writeHead(400).end()
}
