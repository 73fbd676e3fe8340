import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpTarget extends AsyncDisposable {
  host: string
  port: number
  /** the next connection that it has accepted */
  accepted: () => Promise<Socket>
}

/** A server that says nothing by itself; the test speaks for it. */
export async function tcpTarget(): Promise<TcpTarget> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    sockets.add(socket)
  })
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    accepted: async () => ((await once(server, 'connection')) as [Socket])[0],
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

export interface Pair {
  client: Socket
  /** what the target accepted when the client connected */
  target: Socket
}

/** A connection through a proxy, from both of its ends. */
export async function connectThrough(proxy: { port: number }, target: TcpTarget): Promise<Pair> {
  const accepted = target.accepted()
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => undefined)
  return { client, target: await accepted }
}

/** Reads so many bytes. */
export async function read(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let left = bytes; left > 0;) {
    const chunk = socket.read(Math.min(left, socket.readableLength || left)) as Buffer | null
    if (chunk === null) await once(socket, 'readable')
    else {
      chunks.push(chunk)
      left -= chunk.length
    }
  }
  return Buffer.concat(chunks)
}

/** Reads all that comes until the other side ends, or resets. */
export async function readToEnd(socket: Socket): Promise<{ bytes: Buffer; reset: boolean }> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const reset = await new Promise<boolean>((resolve) => {
    socket.once('end', () => resolve(false))
    socket.once('error', () => resolve(true))
    if (socket.errored) resolve(true)
  })
  return { bytes: Buffer.concat(chunks), reset }
}
