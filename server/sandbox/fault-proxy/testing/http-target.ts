import { once } from 'node:events'
import { createServer, request, type Agent } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'

export interface HttpTarget extends AsyncDisposable {
  host: string
  port: number
  origin: string
  /** `<method> <path>` of each request that has arrived whole */
  served: string[]
}

/** A real HTTP server that answers what it was sent: the body, or `answer to <path>` when there is none. */
export async function httpTarget(): Promise<HttpTarget> {
  const served: string[] = []
  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = []
    asked.on('data', (chunk: Buffer) => chunks.push(chunk))
    asked.on('end', () => {
      served.push(`${asked.method} ${asked.url}`)
      answer.end(chunks.length > 0 ? Buffer.concat(chunks) : `answer to ${asked.url}`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: '127.0.0.1',
    port,
    origin: `http://127.0.0.1:${port}`,
    served,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** GET on a connection of its own, or of the agent; the body. @throws with the code of the socket's error */
export function get(url: string, agent: Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent }, (answer) => {
      text(answer).then(resolve, reject)
    })
    asked.once('error', reject)
    asked.end()
  })
}
