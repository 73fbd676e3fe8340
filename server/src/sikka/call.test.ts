import type { Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionFailure } from '../failure.ts'
import { transport, type CallLimits, type Request } from './call.ts'
import { closedPort, httpsUpstream, httpUpstream, json, rawUpstream } from './testing/upstream.ts'

const post: Request = {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'request-key': 'key_demo_0001' },
  body: '{"code":"code_demo_0001"}',
}
const get: Request = { method: 'GET', headers: { 'request-key': 'key_demo_0001' } }
const never = new AbortController().signal

const open = new Set<{ close(): Promise<void> }>()
afterEach(async () => {
  await Promise.all([...open].map((each) => each.close()))
  open.clear()
})

/** Short limits, each longer than what it limits takes on this machine. */
function transportForTest(limits: Partial<CallLimits> = {}) {
  const made = transport({ connect: 2_000, total: 4_000, ...limits })
  open.add(made)
  return made
}

async function failureOf(call: Promise<unknown>): Promise<ConnectionFailure> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ConnectionFailure) return error
  throw new Error('there was no ConnectionFailure', { cause: error })
}

async function failure(origin: string, request: Request, limits?: Partial<CallLimits>, signal = never) {
  const url = new URL('/v4/request_key?secret=query_demo_0001', origin)
  const { code, reason, message, cause } = await failureOf(transportForTest(limits).call(url, request, signal))
  expect(`${message} ${String(cause)}`).not.toMatch(/demo|127\.0\.0\.1/)
  return { code, reason, message }
}

const notSent = { code: 'PROVIDER_UNAVAILABLE', reason: 'not_sent' }
const unclear = { code: 'PROVIDER_UNAVAILABLE', reason: 'unclear' }

describe('a call', () => {
  it('sends what it is given, and brings back status, headers and body', async () => {
    await using upstream = await httpUpstream(json(400, { error_code: 'API1026' }, { 'retry-after': '7' }))
    const answer = await transportForTest().call(new URL('/v4/request_key', upstream.origin), post, never)
    expect(answer).toMatchObject({ status: 400, body: '{"error_code":"API1026"}', headers: { 'retry-after': '7' } })
    expect(upstream.received).toMatchObject([
      { method: 'POST', path: '/v4/request_key', headers: { 'request-key': 'key_demo_0001' }, body: post.body },
    ])
  })

  it.each([
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('A4: reads an answer in %s, though nobody asked for it, and in its charset', async (coding, compress) => {
    const headers = { 'Content-Encoding': coding, 'CONTENT-TYPE': 'application/json; charset=ISO-8859-1' }
    await using upstream = await httpUpstream((response) => {
      response.writeHead(200, headers).end(compress(Buffer.from('{"practice_name":"Thérèse"}', 'latin1')))
    })
    const answer = await transportForTest().call(new URL(upstream.origin), post, never)
    expect(answer.body).toBe('{"practice_name":"Thérèse"}')
    expect(upstream.received[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('has a connection of its own when it changes something, and shares one when it asks', async () => {
    await using upstream = await httpUpstream(json(200, {}))
    const wire = transportForTest()
    const url = new URL(upstream.origin)
    const remove: Request = { method: 'DELETE', headers: {} }
    for (const request of [post, post, remove]) await wire.call(url, request, never)
    expect(upstream.connections).toBe(3)
    expect(upstream.received.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'close'])
    for (let asked = 0; asked < 6; asked++) await wire.call(url, get, never)
    expect(upstream.received.at(-1)?.headers.connection).toBe('keep-alive')
    expect(upstream.connections).toBeLessThan(3 + 6)
  })
})

describe('F29: without a connection nothing was sent', () => {
  it('refused', async () => {
    const refused = await failure(`http://127.0.0.1:${await closedPort()}`, post)
    expect(refused).toEqual({ ...notSent, message: 'Sikka did not answer POST /v4/request_key: ECONNREFUSED' })
  })

  it('a name that does not exist', async () => {
    expect(await failure('http://sikka.invalid', post, { connect: 500 })).toMatchObject(notSent)
  })

  it('TLS that does not come about in time', async () => {
    await using upstream = await rawUpstream('https', () => undefined)
    const timedOut = await failure(upstream.origin, post, { connect: 100 })
    expect(timedOut).toMatchObject({
      ...notSent,
      message: expect.stringContaining('UND_ERR_CONNECT_TIMEOUT') as string,
    })
  })

  it.each([
    ['cut during the handshake', (socket: Socket) => socket.destroy()],
    ['something else than TLS', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('TLS: %s', async (_, answer) => {
    await using upstream = await rawUpstream('https', (socket) => void socket.once('data', () => answer(socket)))
    expect(await failure(upstream.origin, post)).toMatchObject(notSent)
  })

  it('stopped by the caller before', async () => {
    await using upstream = await httpUpstream(json(200, {}))
    expect(await failure(upstream.origin, post, {}, AbortSignal.abort())).toMatchObject(notSent)
    expect(upstream.connections).toBe(0)
  })
})

describe('after it was sent, nobody knows what became of it', () => {
  it('F30: never answered', async () => {
    await using upstream = await httpUpstream(() => undefined)
    const timedOut = await failure(upstream.origin, post, { total: 200 })
    expect(timedOut).toMatchObject({ ...unclear, message: expect.stringContaining('TimeoutError') as string })
    expect(upstream.received).toHaveLength(1)
  })

  it.each([
    ['F31: reset', (request: { socket: { resetAndDestroy(): unknown } }) => request.socket.resetAndDestroy()],
    ['F31: closed', (request: { socket: { end(): unknown } }) => request.socket.end()],
  ])('%s when it was received, and not sent again', async (_, cut) => {
    await using upstream = await httpUpstream((_response, request) => cut(request))
    expect(await failure(upstream.origin, post)).toMatchObject(unclear)
    expect(upstream.received).toHaveLength(1)
    expect(upstream.connections).toBe(1)
  })

  it.each([
    ['slow in its head', 'HTTP/1.1 200 OK\r\nx-'],
    ['slow in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{'],
  ])('F30: %s', async (_, begin) => {
    await using upstream = await rawUpstream('http', (socket) => {
      socket.once('data', () => socket.write(begin))
    })
    expect(await failure(upstream.origin, post, { total: 200 })).toMatchObject(unclear)
    expect(upstream.connections).toBe(1)
  })

  it('F36: cut off in its body', async () => {
    await using upstream = await rawUpstream('http', (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"request_key":'))
    })
    expect(await failure(upstream.origin, post)).toMatchObject(unclear)
  })

  it('no HTTP', async () => {
    await using upstream = await rawUpstream('http', (socket) => {
      socket.once('data', () => socket.end('220 mail.example ESMTP\r\n'))
    })
    expect(await failure(upstream.origin, post)).toMatchObject(unclear)
  })

  it('stopped by the caller', async () => {
    const stop = new AbortController()
    await using upstream = await httpUpstream(() => stop.abort())
    expect(await failure(upstream.origin, post, {}, stop.signal)).toMatchObject(unclear)
    expect(upstream.received).toHaveLength(1)
  })

  it('stopped by the caller while connecting: at once, and nothing is sent afterwards', async () => {
    const stop = new AbortController()
    await using upstream = await rawUpstream('https', () => stop.abort())
    // Longer than the test may take: it would not end if the stop waited for the connection.
    expect(await failure(upstream.origin, post, { connect: 60_000, total: 60_000 }, stop.signal)).toMatchObject(unclear)
  })
})

describe('an answer is not taken', () => {
  it('F37: past the size limit, which is cut', async () => {
    await using upstream = await httpUpstream((response) => {
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(64 * 1024), more)
      }
      response.writeHead(200)
      more()
    })
    expect(await failure(upstream.origin, post, { body: 1024 * 1024 })).toEqual({
      code: 'BAD_RESPONSE',
      reason: 'unclear',
      message: 'Sikka answered more than 1048576 bytes',
    })
  })

  it('F37: a bomb in an encoding that nobody asked for', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024, ' '))
    await using upstream = await httpUpstream((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    expect(await failure(upstream.origin, post)).toMatchObject({ code: 'BAD_RESPONSE', reason: 'unclear' })
    expect(upstream.received[0]?.headers['accept-encoding']).toBe('identity')
  })

  it.each([
    ['AT25, F38: a redirect is not followed', 302],
    ['AT25, F38: a redirect that keeps the method is not followed', 307],
    ['I3: 421 is not answered by sending again, as fetch would', 421],
    ['I3: 408 is not answered by sending again', 408],
  ])('%s', async (_, status) => {
    await using upstream = await httpUpstream(json(status, {}, { location: '/elsewhere' }))
    const answer = await transportForTest().call(new URL('/v4/request_key', upstream.origin), post, never)
    expect(answer.status).toBe(status)
    expect(upstream.received).toHaveLength(1)
  })
})

describe('F48: a certificate', () => {
  const systemCertificates = getCACertificates()
  afterEach(() => setDefaultCACertificates(systemCertificates))
  const day = 24 * 60 * 60 * 1000
  type Name = { type: 7; ip: string } | { type: 2; value: string }
  const here: Name = { type: 7, ip: '127.0.0.1' }
  const elsewhere: Name = { type: 2, value: 'elsewhere.example' }

  async function certificate({ lastsUntil = Date.now() + day, name = here } = {}) {
    return generate([{ name: 'commonName', value: 'sikka.example' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: new Date(lastsUntil - 2 * day),
      notAfterDate: new Date(lastsUntil),
      extensions: [{ name: 'subjectAltName', altNames: [name] }],
    })
  }

  it('that is good lets the call through', async () => {
    const good = await certificate()
    setDefaultCACertificates([good.cert])
    await using upstream = await httpsUpstream(good, json(200, {}))
    expect(await transportForTest().call(new URL(upstream.origin), post, never)).toMatchObject({ status: 200 })
  })

  it.each([
    ['of nobody known', {}, false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['that has expired', { lastsUntil: Date.now() - day }, true, 'CERT_HAS_EXPIRED'],
    ['of somebody else', { name: elsewhere }, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('%s: nothing is sent, and it is our alarm', async (_, facts, isTrusted, because) => {
    const bad = await certificate(facts)
    if (isTrusted) setDefaultCACertificates([bad.cert])
    await using upstream = await httpsUpstream(bad, json(200, {}))
    expect(await failure(upstream.origin, post)).toEqual({
      code: 'CONFIG',
      reason: 'not_sent',
      message: `Sikka did not answer POST /v4/request_key: ${because}`,
    })
    expect(upstream.received).toEqual([])
  })

  it('is looked at whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    await using upstream = await httpsUpstream(await certificate(), json(200, {}))
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue()
    try {
      expect(await failure(upstream.origin, post)).toMatchObject({ code: 'CONFIG', reason: 'not_sent' })
    } finally {
      vi.unstubAllEnvs()
      warning.mockRestore()
    }
  })
})

it('closing cuts what is under way', async () => {
  await using upstream = await httpUpstream(() => void client.close())
  const client = transportForTest({ total: 60_000 })
  expect(await failureOf(client.call(new URL(upstream.origin), post, never))).toMatchObject(unclear)
})
