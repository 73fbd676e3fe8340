import type { Socket } from 'node:net'

/** Resets a connection, in whatever state it is. */
export function reset(socket: Socket): void {
  // Node cannot reset a socket that is being ended (EINVAL), and never closes it when asked to.
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
