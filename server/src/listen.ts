import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { StartError } from './config/start-error.ts'

/** A taken port. */
export interface Listener {
  port: number
  /** Answers requests from now on. */
  serve: (app: { fetch: (request: Request) => Response | Promise<Response> }) => void
  /** No new connections; requests that are being answered may end, for so long (milliseconds). */
  close: (within?: number) => Promise<void>
}

/** Milliseconds; the keep-alive time is longer than the idle time of usual balancers (60 s), so that they close first. */
const limits = { keepAlive: 65_000, headers: 10_000, request: 30_000, check: 2_000, close: 20_000 } as const

/**
 * Takes the port, before anything else is started for it.
 * @param port 0 for any free one
 * @throws {StartError} when it cannot be had
 */
export async function bind(host: string, port: number): Promise<Listener> {
  const http = createServer({
    keepAliveTimeout: limits.keepAlive,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    connectionsCheckingInterval: limits.check,
    maxHeaderSize: 16 * 1024,
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
    serve: (app) => {
      const answer = getRequestListener(app.fetch)
      http.on('request', (request, response) => {
        answering += 1
        response.on('close', isOver)
        void answer(request, response)
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
