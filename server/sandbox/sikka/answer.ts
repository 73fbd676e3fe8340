import { pipeline, Readable } from 'node:stream'
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib'
import type { Context } from 'hono'
import { message } from './errors.ts'
import type { Scenario } from './scenario.ts'

/** Size of the body that has to be cut by its reader, bytes (F37). */
export const hugeBody = 50 * 1024 * 1024

/** Items of a body that is small, and large once it is parsed (A7). */
const manyParts = 600_000

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
    case 'created':
      return Response.json(body, { status: 201, headers })
    case 'gzip':
      return packed(gzipSync(JSON.stringify(body)), { ...json, 'content-encoding': 'gzip' })
    case 'deflate':
      return packed(deflateSync(JSON.stringify(body)), { ...json, 'content-encoding': 'DEFLATE' })
    case 'brotli':
      return packed(brotliCompressSync(JSON.stringify(body)), { ...json, 'content-encoding': 'br' })
    case 'latin1':
      return packed(Buffer.from(JSON.stringify(body), 'latin1'), {
        ...headers,
        'content-type': 'application/json; charset=ISO-8859-1',
      })
    case 'byte_order_mark':
      return new Response(`\ufeff${JSON.stringify(body)}`, { headers: json })
    case 'api2005':
      return Response.json(message(200, 'API2005', 'There is nothing'), { headers })
    case 'unknown_code':
      return Response.json({ ...message(200, 'API9999', 'Unknown error'), ...first(body) }, { headers })
    case 'many_parts':
      return new Response(`{"items":[${'{},'.repeat(manyParts)}{}]}`, { headers: json })
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

/** Bytes as they are: a text would be written as UTF-8. */
function packed(bytes: Buffer<ArrayBuffer>, headers: Record<string, string>): Response {
  return new Response(bytes, { headers })
}

/** The object that is answered, without an array around it. */
function first(body: unknown): object {
  return (Array.isArray(body) ? body[0] : body) as object
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
