import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

interface Listener {
  /** where it answers: `http://127.0.0.1:41234` */
  origin: string
  /** Stops at once: open connections are cut, whatever they wait for. */
  close(): Promise<void>
}

/** Milliseconds. Node's default of five seconds would close a connection while a fault proxy holds a request on it. */
const idleTimeout = 60_000

/**
 * Serves over a real socket.
 * @param port 0 for any free one
 * @throws when the address is taken
 */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host = '127.0.0.1', port = 0 }: { host?: string | undefined; port?: number | undefined },
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: idleTimeout }, getRequestListener(fetch))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    origin: originOf(host, (server.address() as AddressInfo).port),
    async close() {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function originOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
