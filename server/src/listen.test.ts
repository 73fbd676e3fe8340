import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bind, usualLimits, type Listener } from './listen.ts'

const limits = { headers: 300, request: 600, check: 50, unread: 300, waiting: 4, connections: 50 }

let listener: Listener
let began: string[]
/** answers `/held` from now on, each time it is called one more */
let release: (() => void)[]
let lines: object[]
const sockets: Socket[] = []

beforeEach(async () => {
  listener = await bind('127.0.0.1', 0, limits)
  began = []
  release = []
  lines = []
  const note = (line: object) => void lines.push(line)
  listener.serve(
    {
      async fetch(request) {
        const { pathname } = new URL(request.url)
        began.push(pathname)
        if (pathname === '/held') await new Promise<void>((resolve) => release.push(resolve))
        if (pathname === '/body') return new Response(await request.text())
        return new Response(pathname === '/large' ? large : pathname)
      },
    },
    { debug: note, warn: note },
  )
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await listener.close(0)
})

/** More than the system takes over for a client that reads nothing. */
const large = new Uint8Array(32 * 1024 * 1024)

/** Speaks to the listener as no client library would. */
async function speak(text: string) {
  const socket = connect(listener.port, '127.0.0.1')
  sockets.push(socket)
  const heard = { text: '', isClosed: false }
  socket.on('data', (bytes) => (heard.text += bytes.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => (heard.isClosed = true))
  await once(socket, 'connect')
  socket.write(text)
  return { socket, heard, say: (more: string) => socket.write(more) }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
const isSo = (check: () => boolean) => expect.poll(check).toBe(true)

describe('S1: one connection', () => {
  it('S1: has one request in work; those behind it wait, and are answered in their order', async () => {
    const { heard } = await speak(get('/held') + get('/a') + get('/b'))
    await isSo(() => release.length === 1)
    const { heard: other } = await speak(get('/c'))
    await isSo(() => other.text.endsWith('/c'))
    expect(began).toEqual(['/held', '/c'])
    release[0]?.()
    await isSo(() => heard.text.endsWith('/b'))
    expect(heard.text.match(/\/held|\/a|\/b/g)).toEqual(['/held', '/a', '/b'])
  })

  it('S1: that has more requests waiting than may is cut off, and none of them is begun', async () => {
    const { heard } = await speak(get('/held') + get('/a').repeat(limits.waiting + 1))
    await isSo(() => heard.isClosed)
    expect(began).toEqual(['/held'])
    expect(lines).toEqual([{ reason: 'pipelined' }])
  })

  it('S1: that does not read its answer is cut off', async () => {
    const { socket, heard } = await speak('')
    socket.pause()
    socket.write(get('/large'))
    await isSo(() => lines.length === 1)
    expect(lines).toEqual([{ reason: 'unread' }])
    socket.resume()
    await isSo(() => heard.isClosed)
    expect(heard.text.length).toBeLessThan(large.length)
  })

  it('S1: that is held for longer than an answer may stay unread is answered', async () => {
    const { heard } = await speak(get('/held'))
    await isSo(() => release.length === 1)
    const until = performance.now() + 2 * limits.unread
    await isSo(() => performance.now() > until)
    release[0]?.()
    await expect.poll(() => heard.text).toMatch(/\/held$/)
  })

  it('S1: past the number of all that may be open is refused, and it is said once', async () => {
    await Promise.all(Array.from({ length: limits.connections }, () => speak('')))
    const [one, two] = [await speak(get('/a')), await speak(get('/a'))]
    await isSo(() => one.heard.isClosed && two.heard.isClosed)
    expect(began).toEqual([])
    expect(lines).toEqual([{ connections: limits.connections }])
  })
})

describe('H13: a client that is slow', () => {
  it('H13: has 10 seconds for a head, 30 for a request, and 30 to take an answer (decision 18)', () => {
    expect(usualLimits).toMatchObject({ headers: 10_000, request: 30_000, unread: 30_000, waiting: 4, check: 2_000 })
  })

  it('H13: with the head of its request is cut off', async () => {
    const { heard } = await speak('GET / HTTP/1.1\r\nHost: localhost\r\n')
    await isSo(() => heard.isClosed)
    expect(heard.text).toMatch(/^HTTP\/1.1 408 /)
  })

  it('H13: and says nothing at all is cut off', async () => {
    const { heard } = await speak('')
    await expect.poll(() => heard.isClosed).toBe(true)
  })

  it('H13: with the body of its request is cut off', async () => {
    const { heard } = await speak('POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345')
    await isSo(() => heard.isClosed)
    expect(began).toEqual(['/body'])
    expect(heard.text).not.toMatch(/^HTTP\/1.1 200/)
  })
})

describe('S3: a request without a host', () => {
  it.each([
    ['by HTTP/1.0', 'GET /a HTTP/1.0\r\n\r\n'],
    ['by HTTP/1.0, kept alive', 'GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
    ['that is named', 'GET /a HTTP/1.1\r\nHost:\r\n\r\n'],
    ['but with a port', 'GET /a HTTP/1.1\r\nHost: localhost:3000\r\n\r\n'],
    ['but in the first line', 'GET http://localhost/a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['but in the first line, by HTTP/1.0', 'GET http://localhost/a HTTP/1.0\r\n\r\n'],
  ])('S3: %s is answered', async (_, text) => {
    const { heard } = await speak(text)
    await isSo(() => heard.text.endsWith('/a'))
    expect(heard.text).toMatch(/^HTTP\/1.1 200 /)
  })

  it('S3: for the whole server is answered, and no route is asked', async () => {
    const { heard } = await speak('OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await isSo(() => heard.text.includes('\r\n\r\n'))
    expect(heard.text).toMatch(/^HTTP\/1.1 204 /)
    expect(began).toEqual([])
  })
})
