import type { IncomingHttpHeaders } from 'node:http'
import { Agent, Client, request as sendRequest, type Dispatcher } from 'undici'
import { ConnectionFailure } from '../failure.ts'
import { connector, nameOf, NotConnected } from './connect.ts'

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

/** Longest time to a connection and of the whole call, milliseconds, and the largest body, bytes. */
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
    if ((answered['content-encoding'] ?? 'identity') !== 'identity') {
      // What was not asked for and is not inflated cannot be a bomb (F37).
      body.on('error', () => undefined).destroy()
      throw unreadable('Sikka answered in an encoding that was not asked for')
    }
    return { status: statusCode, headers: answered, body: await readText(body, longest), receivedAt }
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
function unreadable(message: string): ConnectionFailure {
  return new ConnectionFailure('BAD_RESPONSE', message, { reason: 'unclear' })
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

async function readText(body: AsyncIterable<Uint8Array>, longest: number): Promise<string> {
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > longest) throw unreadable(`Sikka answered more than ${longest} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** The body as JSON, or undefined when it is something else (HTML, nothing, cut off). */
export function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
