import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { inTime } from './in-time.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

test('P7: gives up after its time, and with the caller, without AbortSignal.any and .timeout', async () => {
  const late = inTime(1_000, new AbortController().signal, never).catch((error: Error) => error.name)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await late).toBe('TimeoutError')

  const leaving = new AbortController()
  const left = inTime(1_000, leaving.signal, never).catch((error: Error) => error.message)
  leaving.abort(new Error('left'))
  expect(await left).toBe('left')

  const before = inTime(1_000, leaving.signal, async (signal) => signal.reason as Error)
  expect(await before).toMatchObject({ message: 'left' })
})

test('P7: leaves neither a timer nor a listener behind', async () => {
  const { signal } = new AbortController()
  const removed = vi.spyOn(signal, 'removeEventListener')
  expect(await inTime(1_000, signal, async () => 'done')).toBe('done')
  expect([vi.getTimerCount(), removed.mock.calls.length]).toEqual([0, 1])
})
