import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createRawServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

interface Received {
  method: string | undefined
  path: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** A server on a port of its own, for one test. */
export interface Upstream extends AsyncDisposable {
  origin: string
  port: number
  /** connections that came about, TLS ones with their handshake done */
  connections: number
  /** requests that were received whole */
  received: Received[]
}

type Answer = (response: ServerResponse, request: IncomingMessage, received: Received) => void

/** Real HTTP, answering as it is told. @param port to take one that was free before */
export async function httpUpstream(answer: Answer, port = 0): Promise<Upstream> {
  return listening(createServer(), 'http', 'connection', port, answer)
}

/** The same behind TLS. */
export async function httpsUpstream(certificate: { private: string; cert: string }, answer: Answer): Promise<Upstream> {
  const server = createTlsServer({ key: certificate.private, cert: certificate.cert })
  return listening(server, 'https', 'secureConnection', 0, answer)
}

/** A server that speaks whatever `onSocket` makes it speak. */
export async function rawUpstream(scheme: 'http' | 'https', onSocket: (socket: Socket) => void): Promise<Upstream> {
  const server = createRawServer(onSocket)
  return listening(server, scheme, 'connection', 0)
}

/** JSON with a status and headers. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** A port of this machine that nobody listens on. */
export async function closedPort(): Promise<number> {
  await using upstream = await rawUpstream('http', () => undefined)
  return upstream.port
}

async function listening(
  server: Server,
  scheme: string,
  event: string,
  port: number,
  answer?: Answer,
): Promise<Upstream> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined))
  })
  server.on(event, () => upstream.connections++)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const receive = async () => {
      const body = await text(request)
      const received = { method: request.method, path: request.url, headers: request.headers, body }
      upstream.received.push(received)
      answer?.(response, request, received)
    }
    // A request that is cut has nobody to tell it to.
    void receive().catch(() => undefined)
  })
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  const taken = (server.address() as AddressInfo).port
  const upstream: Upstream = {
    origin: `${scheme}://127.0.0.1:${taken}`,
    port: taken,
    connections: 0,
    received: [],
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
  return upstream
}
