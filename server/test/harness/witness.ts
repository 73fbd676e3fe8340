import { once } from 'node:events'
import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as z from 'zod'

/** What `POST /v4/request_key` was asked for and answered with. */
interface Granted {
  grant: string
  answer: Record<string, unknown>
}

/** Stands between the server and Sikka, and sees which keys come and go; it may say something else than Sikka does. */
export interface Witness extends AsyncDisposable {
  /** value of `SIKKA_API_URL` */
  origin: string
  /** where Sikka is; to be said before the first call */
  sikkaIs: (origin: string) => void
  /** Changes the answers to `POST /v4/request_key`, on their way. */
  alter: (change?: (granted: Granted) => Record<string, unknown>) => void
  /** keys that Sikka has granted and that are neither deleted nor spent, oldest first */
  living: () => string[]
  /** Knows of no key, and changes nothing. */
  forget: () => void
}

const Fields = z.record(z.string(), z.unknown())
const Asked = z.object({ grant_type: z.string(), refresh_key: z.string().optional() })
const Keys = z.object({ request_key: z.string(), refresh_key: z.string().optional() })

export async function startWitness(): Promise<Witness> {
  let sikka = ''
  let change: ((granted: Granted) => Record<string, unknown>) | undefined
  const keys = new Set<string>()

  /** Passes a call on. @returns what the caller is told */
  async function pass(incoming: IncomingMessage, body: string) {
    const { method = 'GET', url = '/', headers } = incoming
    const outgoing = sendRequest(new URL(url, sikka), { method, headers, agent: false })
    outgoing.end(body)
    const [told] = (await once(outgoing, 'response')) as [IncomingMessage]
    return { status: told.statusCode ?? 500, headers: told.headers, body: await text(told) }
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(incoming)
    const told = await pass(incoming, body)
    const { method, url = '', headers } = incoming
    if (method === 'DELETE') {
      // Also one that Sikka does not know any more is gone, unless it could not say.
      const key = headers[url.endsWith('refresh_key') ? 'refresh-key' : 'request-key']
      if (told.status < 500 && typeof key === 'string') keys.delete(key)
    } else if (method === 'POST' && url === '/v4/request_key' && told.status === 200) {
      const granted = Keys.parse(JSON.parse(told.body))
      const { grant_type: grant, refresh_key: spent } = Asked.parse(JSON.parse(body))
      // The stand-in lets a refresh key that it rotates die.
      if (spent !== undefined && granted.refresh_key !== undefined) keys.delete(spent)
      for (const key of [granted.request_key, granted.refresh_key]) if (key !== undefined) keys.add(key)
      if (change) told.body = JSON.stringify(change({ grant, answer: Fields.parse(JSON.parse(told.body)) }))
    }
    const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...kept } = told.headers
    response.writeHead(told.status, kept).end(told.body)
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sikkaIs: (origin) => {
      sikka = origin
    },
    alter: (next) => {
      change = next
    },
    living: () => [...keys],
    forget: () => {
      keys.clear()
      change = undefined
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
