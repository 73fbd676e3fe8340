import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Fault } from './fault.ts'
import { startFaultProxy } from './start.ts'
import { bench, roundTrip } from './testing/bench.ts'
import { httpTarget } from './testing/http-target.ts'
import { read, readToEnd, tcpTarget } from './testing/tcp-target.ts'

/** Bytes in which an exchange, a gap or a doubling would show. */
function numbered(bytes: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, index) => index).buffer)
}

test('either side may end first, and still be told the rest', async () => {
  await using line = await bench()
  line.client.end('question')
  expect((await readToEnd(line.target)).bytes.toString()).toBe('question')
  line.target.end('answer')
  expect(await readToEnd(line.client)).toEqual({ bytes: Buffer.from('answer'), reset: false })

  const second = await line.connect()
  second.target.end('goodbye')
  expect((await readToEnd(second.client)).bytes.toString()).toBe('goodbye')
  second.client.end('thanks')
  expect((await readToEnd(second.target)).bytes.toString()).toBe('thanks')
})

test('a reset of one side is a reset of the other', async () => {
  await using line = await bench()
  line.client.resetAndDestroy()
  expect((await readToEnd(line.target)).reset).toBe(true)
  const second = await line.connect()
  second.target.resetAndDestroy()
  expect((await readToEnd(second.client)).reset).toBe(true)
})

test('a target that is not there resets the client', async () => {
  const gone = await tcpTarget()
  await gone[Symbol.asyncDispose]()
  await using proxy = await startFaultProxy({ target: gone })
  const client = connect(proxy.port, '127.0.0.1')
  expect((await readToEnd(client)).reset).toBe(true)
})

test('latency keeps the order', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'latency', milliseconds: 20 })
  const sent = performance.now()
  for (const word of ['one ', 'two ', 'three']) {
    line.client.write(word)
    await new Promise((resolve) => void setImmediate(resolve))
  }
  line.client.end()
  expect((await readToEnd(line.target)).bytes.toString()).toBe('one two three')
  expect(performance.now() - sent).toBeGreaterThanOrEqual(20)
})

test('hang withholds both directions, and heal delivers all of it in order', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'hang', times: 1 })
  const [up, down] = [numbered(5 * 1024 * 1024), numbered(3 * 1024 * 1024)]
  line.client.end(up)
  line.target.end(down)
  await line.proxy.struck()
  await roundTrip(await line.connect())
  expect(line.target.readableLength).toBe(0)
  expect(line.client.readableLength).toBe(0)
  line.proxy.heal()
  const [atTarget, atClient] = await Promise.all([readToEnd(line.target), readToEnd(line.client)])
  expect(atTarget.bytes.equals(up)).toBe(true)
  expect(atClient.bytes.equals(down)).toBe(true)
})

test('a target that speaks first is withheld by hang too', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'hang', times: 1 })
  line.target.write('notice')
  await line.proxy.struck()
  await roundTrip(await line.connect())
  expect(line.client.readableLength).toBe(0)
  line.proxy.heal()
  expect((await read(line.client, 6)).toString()).toBe('notice')
})

test('hang begins with the chunk that completes a split match', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'hang', when: 'COMMIT' })
  line.client.write('COM')
  await read(line.target, 3)
  line.client.write('MIT')
  await line.proxy.struck()
  await roundTrip(await line.connect())
  expect(line.target.readableLength).toBe(0)
  line.proxy.heal()
  expect((await read(line.target, 3)).toString()).toBe('MIT')
})

test('what was said before the fault was set does not match', async () => {
  await using line = await bench()
  line.client.write('COMMIT')
  await read(line.target, 6)
  line.proxy.set({ kind: 'hang', when: 'COMMIT' })
  await roundTrip(line)
  expect(line.proxy.strikes).toBe(0)
})

test('the target of a hung line does not learn that the client has gone, until heal', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'hang', times: 1 })
  line.client.write('late')
  await line.proxy.struck()
  let ended = false
  line.target.once('end', () => (ended = true))
  line.client.destroy()
  await once(line.client, 'close')
  await roundTrip(await line.connect())
  expect(line.target.readableLength).toBe(0)
  expect(ended).toBe(false)
  line.proxy.heal()
  expect(await readToEnd(line.target)).toEqual({ bytes: Buffer.from('late'), reset: false })
})

test('hang withholds that the target has gone', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'hang', times: 1 })
  line.client.write('question')
  await line.proxy.struck()
  let ended = false
  line.client.once('end', () => (ended = true)).resume()
  line.target.end()
  await roundTrip(await line.connect())
  expect(ended).toBe(false)
  line.proxy.heal()
  await once(line.client, 'end')
  expect((await read(line.target, 8)).toString()).toBe('question')
})

test.each<Fault>([{ kind: 'hang' }, { kind: 'reset' }, { kind: 'latency', milliseconds: 1 }])(
  'a line that ends is not struck by %o',
  async (fault) => {
    await using line = await bench()
    line.proxy.set(fault)
    line.client.end()
    expect((await readToEnd(line.target)).reset).toBe(false)
    expect(line.proxy.strikes).toBe(0)
  },
)

test('hang_answer lets requests go on', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'hang_answer' })
  line.target.write('first ')
  await line.proxy.struck()
  line.client.write('more')
  expect((await read(line.target, 4)).toString()).toBe('more')
  line.target.end('second')
  line.proxy.heal()
  expect((await readToEnd(line.client)).bytes.toString()).toBe('first second')
})

test('reset is a real reset, also of a client that the target has left', async () => {
  await using line = await bench()
  line.target.end()
  await once(line.client.resume(), 'end')
  line.proxy.set({ kind: 'reset' })
  line.client.write('more')
  await line.proxy.struck()
  await line.proxy.close()
  expect((await readToEnd(line.target)).bytes).toHaveLength(0)

  await using other = await bench()
  other.proxy.set({ kind: 'reset' })
  other.client.write('more')
  expect(await readToEnd(other.client)).toEqual({ bytes: Buffer.of(), reset: true })
})

test.each([0, 1, 6])('limit passes exactly %i bytes of a chunk, and ends in order', async (bytes) => {
  await using line = await bench()
  line.proxy.set({ kind: 'limit', bytes })
  line.target.write('answer')
  const answer = await readToEnd(line.client)
  expect(answer).toEqual({ bytes: Buffer.from('answer').subarray(0, bytes), reset: false })
  expect(line.proxy.strikes).toBe(1)
})

test('limit counts from the match, over chunks', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'limit', bytes: 9, when: 'question' })
  await roundTrip(line)
  line.client.write('question')
  await read(line.target, 8)
  line.target.write('first ')
  expect((await read(line.client, 6)).toString()).toBe('first ')
  line.target.write('second')
  expect(await readToEnd(line.client)).toEqual({ bytes: Buffer.from('sec'), reset: false })
})

test('close ends lines that are held, and may be called twice', async () => {
  await using line = await bench()
  line.proxy.set({ kind: 'hang' })
  line.client.write(numbered(5 * 1024 * 1024))
  await line.proxy.struck()
  const ends = [readToEnd(line.client), readToEnd(line.target)]
  await Promise.all([line.proxy.close(), line.proxy.close()])
  await Promise.all(ends)
  line.proxy.heal()
  const refused = connect(line.proxy.port, '127.0.0.1')
  await expect(once(refused, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('waits for its port when somebody else has it at heal', async () => {
  await using http = await httpTarget()
  await using proxy = await startFaultProxy({ target: http })
  proxy.set({ kind: 'cut' })
  const intruder = await startFaultProxy({ target: http, port: proxy.port })
  intruder.set({ kind: 'reset' })
  proxy.heal()
  await expect(fetch(proxy.origin)).rejects.toThrow('fetch failed')
  await intruder.close()
  await expect.poll(() => fetch(proxy.origin).then((answer) => answer.text())).toBe('answer to /')
})
