import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A port that can be closed, so that connections to it are refused, and opened again. */
export interface Door {
  port: number
  shut: () => void
  open: () => void
}

/** Milliseconds until the port is tried again. */
const retryAfter = 20

/** @throws when the address is taken */
export async function openDoor(host: string, port: number, accept: (near: Socket) => void): Promise<Door> {
  const serve = (at: number) =>
    createServer({ allowHalfOpen: true, noDelay: true }, accept)
      // A connection that could not be accepted is its client's trouble, not the end of the process.
      .on('error', () => undefined)
      .listen(at, host)
  let server: Server | undefined = serve(port)
  let retry: NodeJS.Timeout | undefined
  await once(server, 'listening')
  const kept = (server.address() as AddressInfo).port

  function open(): void {
    if (server) return
    const opening = serve(kept)
    server = opening
    // While it was closed, an outgoing connection of anybody may have been given the port.
    opening.once('error', () => {
      if (server !== opening) return
      server = undefined
      retry = setTimeout(open, retryAfter)
    })
  }

  function shut(): void {
    clearTimeout(retry)
    server?.close()
    server = undefined
  }

  return { port: kept, open, shut }
}
