import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { generate } from 'selfsigned'

/** TLS in front of a server on this machine, as a balancer has it. */
export async function startTls() {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'practice.localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  })
  let behind = 0
  const sockets = new Set<Socket>()
  const server = createServer({ key, cert }, (socket) => {
    const inner = connect(behind, '127.0.0.1')
    for (const each of [socket, inner]) {
      sockets.add(each)
      each.on('error', () => each.destroy()).on('close', () => sockets.delete(each))
    }
    socket.pipe(inner).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port: number) => {
      behind = port
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
