import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What one client may cost this process (decision 18). */
export interface ConnectionLimits {
  /** open connections; further ones are closed at once */
  connections: number
  /** requests that may wait on a connection while an earlier one is answered; a client that sends more is cut off */
  waiting: number
  /** milliseconds in which a client has to take an answer that is ready */
  unread: number
  /** milliseconds between two looks for answers that nobody takes */
  check: number
}

/** Files that stay free for the database, Sikka, Secrets Manager and the page, whatever comes in. */
const otherFiles = 256

/** Ten thousand held requests and room for more; fewer where the system allows this process fewer open files. */
export function mostConnections(): number {
  return Math.max(otherFiles, Math.min(12_000, openFilesLimit() - otherFiles))
}

/** How many files Linux allows this process to have open: the hard limit, to which Node raises its own. */
function openFilesLimit(): number {
  try {
    const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return hard === undefined || hard === 'unlimited' ? Infinity : Number(hard)
  } catch {
    return Infinity
  }
}

interface Connection {
  isBusy: boolean
  waiting: [IncomingMessage, ServerResponse][]
  /** when its answer was first seen to lie here, on the clock of `performance.now()` */
  unreadSince: number | undefined
}

/**
 * Answers the requests of a server one at a time on each connection, in their order. Node itself begins every request
 * that a client has pipelined, and keeps each answer until it is read: a few connections then cost gigabytes (S1).
 * @param answer begins one request; it is over when its response closes
 * @param onCut hears why a connection was cut off
 */
export function answerOneAtATime(
  http: Server,
  limits: ConnectionLimits,
  {
    answer,
    onCut,
  }: {
    answer: (request: IncomingMessage, response: ServerResponse) => void
    onCut: (reason: 'pipelined' | 'unread') => void
  },
): void {
  const connections = new Map<Socket, Connection>()
  http.maxConnections = limits.connections

  http.on('connection', (socket) => {
    connections.set(socket, { isBusy: false, waiting: [], unreadSince: undefined })
    socket.on('close', () => connections.delete(socket))
  })

  http.on('request', (request, response) => {
    const { socket } = request
    const connection = connections.get(socket)
    // The rest of what a connection had sent that has just been cut off.
    if (!connection || socket.destroyed) return
    if (!connection.isBusy) begin(socket, connection, request, response)
    else if (connection.waiting.length < limits.waiting) connection.waiting.push([request, response])
    else cut(socket, 'pipelined')
  })

  function begin(socket: Socket, connection: Connection, request: IncomingMessage, response: ServerResponse): void {
    connection.isBusy = true
    response.on('close', () => {
      connection.isBusy = false
      connection.unreadSince = undefined
      const next = connection.waiting.shift()
      if (next && !socket.destroyed) begin(socket, connection, ...next)
    })
    answer(request, response)
  }

  /** A reset, so that the system does not go on trying to deliver what it still has for this client. */
  function cut(socket: Socket, reason: 'pipelined' | 'unread'): void {
    socket.resetAndDestroy()
    onCut(reason)
  }

  // A look at all of them now and then costs less than a timer for each answer, and held requests have nothing unread.
  const looking = setInterval(() => {
    const now = performance.now()
    for (const [socket, connection] of connections) {
      if (socket.writableLength === 0) connection.unreadSince = undefined
      else if (now - (connection.unreadSince ??= now) >= limits.unread) cut(socket, 'unread')
    }
  }, limits.check)
  http.on('close', () => clearInterval(looking))
}
