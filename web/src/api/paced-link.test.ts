import { createTRPCClient, httpLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pacedLink } from './paced-link.ts'

const t = initTRPC.create()
const router = t.router({
  slow: t.procedure
    .input((input): string | undefined => (typeof input === 'string' ? input : undefined))
    .query(() => 'slow'),
  free: t.procedure.query(() => 'free'),
})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A client with one paced procedure, and when it sent which request. */
function paced() {
  const sent: [path: string, at: number][] = []
  const start = Date.now()
  const client = createTRPCClient<typeof router>({
    links: [
      pacedLink('slow', 1_000, (input) => input !== 'held'),
      httpLink({
        url: 'https://app.example.com/trpc',
        fetch: async (input, init) => {
          init?.signal?.throwIfAborted()
          sent.push([new Request(input).url.split('/').at(-1) ?? '', Date.now() - start])
          return Response.json({ result: { data: 'done' } })
        },
      }),
    ],
  })
  return { client, sent }
}

test('calls that come together go out one after another', async () => {
  const { client, sent } = paced()
  const answers = Promise.all([client.slow.query(), client.slow.query(), client.slow.query()])
  await vi.runAllTimersAsync()
  expect(await answers).toEqual(['done', 'done', 'done'])
  expect(sent).toEqual([
    ['slow', 0],
    ['slow', 1_000],
    ['slow', 2_000],
  ])
})

test('other procedures do not wait', async () => {
  const { client, sent } = paced()
  await client.slow.query()
  await client.free.query()
  await client.free.query()
  expect(sent.map(([, at]) => at)).toEqual([0, 0, 0])
})

test('a call given up while it waited takes nobody’s turn', async () => {
  const { client, sent } = paced()
  await client.slow.query()
  const leaving = new AbortController()
  const given = client.slow.query(undefined, { signal: leaving.signal }).catch(() => 'given up')
  leaving.abort()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await given).toBe('given up')
  await client.slow.query()
  expect(sent.map(([, at]) => at)).toEqual([0, 1_000])
})

test('calls that do not count go through, and nothing waits for them', async () => {
  const { client, sent } = paced()
  await client.slow.query()
  await client.slow.query('held')
  await client.slow.query('held')
  await vi.advanceTimersByTimeAsync(1_000)
  await client.slow.query()
  expect(sent.map(([, at]) => at)).toEqual([0, 0, 0, 1_000])
})
