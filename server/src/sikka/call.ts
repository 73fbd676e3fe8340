import { ConnectionFailure } from '../failure.ts'

/** What came back, read whole; what it means is for the reader of that reply. */
export interface Reply {
  status: number
  body: string
  /** when its head arrived */
  receivedAt: Date
}

/** Longest time one call may take, milliseconds, and the largest body it may bring, bytes. */
const callLimits = { time: 10_000, body: 2 * 1024 * 1024 } as const

/**
 * Sends one request to Sikka, once. Redirects are not followed, so that nobody sends our keys elsewhere.
 * @throws {ConnectionFailure} PROVIDER_UNAVAILABLE without an answer in time, BAD_RESPONSE past the size limit
 */
export async function call(url: URL, init: RequestInit, signal?: AbortSignal): Promise<Reply> {
  const deadline = AbortSignal.timeout(callLimits.time)
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
    return { status: response.status, body: await readBody(response), receivedAt: new Date() }
  } catch (error) {
    if (error instanceof ConnectionFailure) throw error
    throw new ConnectionFailure(
      'PROVIDER_UNAVAILABLE',
      `Sikka did not answer ${init.method} ${url.pathname}: ${reasonOf(error)}`,
    )
  }
}

/** Names and codes alone: a message may quote what was sent. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  return code ?? (cause instanceof Error ? cause.name : 'unknown')
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > callLimits.body)
      throw new ConnectionFailure('BAD_RESPONSE', `Sikka answered more than ${callLimits.body} bytes`)
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
