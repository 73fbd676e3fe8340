import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Context } from 'hono'
import type { Scenario } from './scenario.ts'

/** Size of the body that has to be cut by its reader, bytes (F37). */
export const hugeBody = 50 * 1024 * 1024

/** Where the API redirects to; calls of it are counted, nobody should follow (AT25, F38). */
export const redirectTrap = '/sandbox/redirect-trap'

/** Answers 200 with `body` as JSON, or spoilt in the way the scenario says (F30, F36 to F38). */
export async function answer(
  c: Context,
  kind: Scenario['practicesAnswer'],
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const json = { ...headers, 'content-type': 'application/json' }
  switch (kind) {
    case 'ok':
      return Response.json(body, { headers })
    case 'html':
      return new Response('<!doctype html><title>Sikka</title><p>Welcome', { headers: { 'content-type': 'text/html' } })
    case 'empty':
      return new Response('', { headers: json })
    case 'truncated': {
      const whole = JSON.stringify(body)
      return new Response(whole.slice(0, whole.length / 2), { headers: json })
    }
    case 'wrong_type':
      return Response.json([42], { headers })
    case 'redirect':
      return new Response(null, { status: 302, headers: { location: new URL(redirectTrap, c.req.url).href } })
    case 'hang':
      return silence(c.req.raw.signal)
    case 'huge':
      return new Response(web(Readable.from(padded(body))), { headers: json })
    case 'gzip_bomb':
      return new Response(web(pipeline(Readable.from(padded(body)), createGzip(), () => undefined)), {
        headers: { ...json, 'content-encoding': 'gzip' },
      })
  }
}

/** Never answers; ends when the connection is cut. */
async function silence(cut: AbortSignal): Promise<Response> {
  if (!cut.aborted) await new Promise((resolve) => cut.addEventListener('abort', resolve, { once: true }))
  return new Response(null, { status: 504 })
}

/** The body as JSON, good but for its size: `hugeBody` blanks stand in front of it. */
function* padded(body: unknown): Generator<Buffer> {
  const blanks = Buffer.alloc(64 * 1024, ' ')
  for (let sent = 0; sent < hugeBody; sent += blanks.length) yield blanks
  yield Buffer.from(JSON.stringify(body))
}

function web(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>
}
