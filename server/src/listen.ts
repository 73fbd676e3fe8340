import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Server } from './compose.ts'
import { StartError } from './config/start-error.ts'

/**
 * Takes the port, before anything else is started for it.
 * @param port 0 for any free one
 * @throws {StartError} when it is taken
 */
export async function bind(host: string, port: number): Promise<{ http: HttpServer; port: number }> {
  const http = createServer({
    // Longer than the idle time of usual balancers (60 s), so that the balancer closes first.
    keepAliveTimeout: 65_000,
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    maxHeaderSize: 16 * 1024,
  })
  http.listen({ host, port })
  try {
    await once(http, 'listening')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    throw new StartError(`Port ${port} is taken. Free it, or set PORT to another one.`)
  }
  return { http, port: (http.address() as AddressInfo).port }
}

/** Answers requests from now on. */
export function attach(http: HttpServer, { app }: Pick<Server, 'app'>): void {
  http.on('request', getRequestListener(app.fetch, { overrideGlobalObjects: false }))
}

/**
 * No new connections; those that are open end with their request. Node closes the connections that are
 * idle at that moment, but keeps one that becomes idle later for its whole keep-alive time.
 */
export async function closeHttp(http: HttpServer): Promise<void> {
  const closed = once(http, 'close')
  http.close()
  const idle = setInterval(() => http.closeIdleConnections(), 20)
  await closed
  clearInterval(idle)
}
