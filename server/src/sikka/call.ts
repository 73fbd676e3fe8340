import type { IncomingHttpHeaders } from 'node:http'
import { Agent, Client, request as sendRequest, type Dispatcher } from 'undici'
import { ConnectionFailure } from '../failure.ts'
import { connector, nameOf, NotConnected } from './connect.ts'
import { readBody } from './read-body.ts'

/** What is sent; the address is beside it. */
export interface Request {
  method: 'GET' | 'POST' | 'DELETE'
  headers: Record<string, string>
  body?: string
}

/** What came back, read whole; what it means is for the reader of that reply. */
export interface Reply {
  status: number
  body: string
  /** when its head arrived */
  receivedAt: Date
}

export interface Answer extends Reply {
  headers: IncomingHttpHeaders
}

/** Longest time to a connection and of the whole call, milliseconds; the largest body, bytes, also once inflated. */
export interface CallLimits {
  connect: number
  total: number
  body: number
}

const usual: CallLimits = { connect: 3_000, total: 10_000, body: 2 * 1024 * 1024 }

export interface Transport {
  /**
   * Sends one request to Sikka, once. Redirects are not followed, so that nobody sends our keys elsewhere.
   * @throws {ConnectionFailure} without an answer in time: PROVIDER_UNAVAILABLE, `not_sent` or `unclear`; CONFIG,
   * `not_sent`, when the other side cannot prove to be Sikka; BAD_RESPONSE, `unclear`, past the size limit
   */
  call(url: URL, request: Request, signal: AbortSignal): Promise<Answer>
  /** Cuts what is still open. */
  close(): Promise<void>
}

/**
 * undici's `request`, and not its `fetch`: that one sends again by itself, a POST with a code in it too, when it is
 * answered 421.
 */
export function transport(limits: Partial<CallLimits> = {}): Transport {
  const { connect: connectTime, total, body: longest } = { ...usual, ...limits }
  const connect = connector(connectTime)
  const shared = new Agent({ connect })
  const single = new Set<Client>()

  /** A connection of its own: one that was used before may be dead, and its reset would not say what was received. */
  async function alone<Result>(origin: string, use: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client(origin, { connect, pipelining: 0 })
    single.add(client)
    try {
      return await use(client)
    } finally {
      single.delete(client)
      await client.destroy()
    }
  }

  async function send(dispatcher: Dispatcher, url: URL, request: Request, stop: AbortSignal): Promise<Answer> {
    const headers = { ...request.headers, 'accept-encoding': 'identity' }
    const answering = sendRequest(url, { ...request, headers, dispatcher, signal: stop })
    // undici hears the signal only once it is connected; it sends nothing then.
    const { statusCode, headers: answered, body } = await Promise.race([answering, whenAborted(stop)])
    const receivedAt = new Date()
    const text = await readBody(await readBytes(body, longest), answered, longest)
    if (text === undefined) throw tooLarge(longest)
    return { status: statusCode, headers: answered, body: text, receivedAt }
  }

  return {
    async call(url, request, signal) {
      const failure = (code: 'PROVIDER_UNAVAILABLE' | 'CONFIG', reason: 'not_sent' | 'unclear', because: string) =>
        new ConnectionFailure(code, `Sikka did not answer ${request.method} ${url.pathname}: ${because}`, { reason })
      if (signal.aborted) throw failure('PROVIDER_UNAVAILABLE', 'not_sent', 'stopped before')

      const stop = AbortSignal.any([signal, AbortSignal.timeout(total)])
      try {
        if (request.method === 'GET') return await send(shared, url, request, stop)
        return await alone(url.origin, (client) => send(client, url, request, stop))
      } catch (error) {
        if (error instanceof ConnectionFailure) throw error
        if (!(error instanceof NotConnected)) throw failure('PROVIDER_UNAVAILABLE', 'unclear', nameOf(error))
        throw failure(error.isCertificate ? 'CONFIG' : 'PROVIDER_UNAVAILABLE', 'not_sent', error.because)
      }
    },
    async close() {
      await Promise.all([shared, ...single].map((each) => each.destroy()))
    },
  }
}

/** It was received, and what it did is not known. */
function tooLarge(longest: number): ConnectionFailure {
  return new ConnectionFailure('BAD_RESPONSE', `Sikka answered more than ${longest} bytes`, { reason: 'unclear' })
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

async function readBytes(body: AsyncIterable<Uint8Array>, longest: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > longest) throw tooLarge(longest)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
