import type { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import { TRPCClientError } from '@trpc/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { OtherTabs } from './other-tabs.ts'
import { createStatusWatch } from './status-watch.ts'

const connecting: ConnectionStatus = {
  isConnected: false,
  status: 'connecting',
  deadline: '2026-11-21T09:01:00.000Z',
  revision: 'r1',
  timestamp: '2026-11-21T09:00:00.000Z',
}
const connected: ConnectionStatus = {
  isConnected: true,
  status: 'connected',
  revision: 'r2',
  timestamp: '2026-11-21T09:00:05.000Z',
}

const alone: OtherTabs = { tell: () => undefined, inTurn: (_signal, act) => act() }
const here = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A watch over a server that gives these answers, and what the server was asked. */
function watching(answers: (ConnectionStatus | Error)[], tabs: OtherTabs = alone, attemptId?: string) {
  const asked: { at: number; input: ConnectionStatusInput | undefined }[] = []
  const start = Date.now()
  const cache: { known?: ConnectionStatus; resting?: boolean } = {}
  const watch = createStatusWatch({
    attemptId,
    tabs,
    known: () => cache.known,
    isResting: () => cache.resting === true,
    ask: async (input) => {
      asked.push({ at: Date.now() - start, input })
      const answer = answers.shift()
      if (!answer) throw new Error('asked too often')
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  async function next(signal = here) {
    const outcome = watch.next(signal).then(
      (answer) => (cache.known = answer),
      (error: unknown) => error,
    )
    await vi.runAllTimersAsync()
    return outcome
  }
  return { asked, cache, next, watch }
}

const held = { after: 'r1', waitSeconds: 25 }

test('the first request is answered at once, the next one is held', async () => {
  const { asked, next } = watching([connecting, connected])
  await next()
  expect(await next()).toBe(connected)
  expect(asked.map(({ input }) => input)).toEqual([undefined, held])
})

test('the settled status of an attempt is asked for without holding', async () => {
  const { asked, next } = watching([connected, connected], alone, 'a')
  await next()
  await next()
  expect(asked.map(({ input }) => input)).toEqual([{ attemptId: 'a' }, { attemptId: 'a' }])
})

test('P4: a request about the account is held also when it is connected', async () => {
  const lost = { ...connected, isConnected: false, status: 'failed' as const, revision: 'r3' }
  const { asked, next } = watching([connected, lost])
  await next()
  expect(await next()).toMatchObject({ status: 'failed' })
  expect(asked.map(({ input }) => input)).toEqual([undefined, { after: 'r2', waitSeconds: 25 }])
})

test('in a hurry one request is not held', async () => {
  const { asked, next, watch } = watching([connecting, connecting, connecting])
  await next()
  watch.hurry()
  await next()
  await next()
  expect(asked.map(({ input }) => input)).toEqual([undefined, undefined, held])
})

test('F13: Retry-After is honoured, even by a click', async () => {
  const response = new Response(null, { headers: { 'retry-after': '20' } })
  const limit = new TRPCClientError('Too many requests', { meta: { response } })
  const { asked, next, watch } = watching([connecting, limit, connecting])
  await next()
  expect(await next()).toBe(limit)
  expect(watch.lastError()).toBe(limit)
  watch.hurry()
  await next()
  expect(asked.map(({ at }) => at)).toEqual([0, 0, 20_000])
  expect(watch.lastError()).toBeUndefined()
})

test('F9: an answer that is older than the one known is dropped', async () => {
  const { cache, next } = watching([connecting])
  cache.known = connected
  expect(await next()).toBe(connected)
})

test('what another tab heard meanwhile needs no request', async () => {
  const tabs: OtherTabs = {
    tell: () => undefined,
    inTurn: (_signal, act) => {
      watched.cache.known = connected
      return act()
    },
  }
  const watched = watching([connecting], tabs)
  await watched.next()
  expect(await watched.next()).toBe(connected)
  expect(watched.asked).toHaveLength(1)
})

test('nothing is sent when the turn comes while the document is hidden', async () => {
  const { asked, cache, next } = watching([connecting])
  await next()
  cache.resting = true
  expect(await next()).toBe(connecting)
  expect(asked).toHaveLength(1)
})

test('answers are told to the other tabs', async () => {
  const tell = vi.fn<OtherTabs['tell']>()
  const { next } = watching([connecting], { ...alone, tell })
  await next()
  expect(tell).toHaveBeenCalledExactlyOnceWith(connecting)
})

test('a request given up before its time is never sent', async () => {
  const { asked, next } = watching([connecting])
  const leaving = new AbortController()
  leaving.abort()
  expect(await next(leaving.signal)).toBe(leaving.signal.reason)
  expect(asked).toEqual([])
})

test('after news the next request goes out at once, to be held; after none a second later', async () => {
  const news = { ...connecting, revision: 'r2' }
  const { cache, next, watch } = watching([connecting, news, news])
  const delays: (number | false)[] = []
  for (let round = 0; round < 3; round += 1) {
    await next()
    const now = Date.now()
    delays.push(watch.delay({ data: cache.known, dataUpdatedAt: now, error: null, errorUpdatedAt: 0 }))
  }
  expect(delays).toEqual([100, 100, 1_000])
})

test('the pause grows with failures in a row and starts anew after an answer', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const lost = new TypeError('Failed to fetch')
  const { cache, next, watch } = watching([lost, lost, connecting, lost])
  const delays: (number | false)[] = []
  for (let round = 0; round < 4; round += 1) {
    const outcome = await next()
    const error = outcome instanceof Error ? outcome : null
    const now = Date.now()
    delays.push(watch.delay({ data: cache.known, dataUpdatedAt: now, error, errorUpdatedAt: now }))
  }
  expect(delays).toEqual([1_000, 2_000, 100, 1_000])
})
