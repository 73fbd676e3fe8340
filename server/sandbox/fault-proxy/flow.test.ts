import { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startFlow } from './flow.ts'
import type { Said, Verdict } from './treatment.ts'

const quarter = Buffer.alloc(256 * 1024)

/** A flow between sockets that are not connected, so that nothing happens but what the test does. */
function flowOf(verdict: Verdict) {
  const [from, to] = [new Socket(), new Socket()]
  const rule = vi.fn<(said: Said) => Verdict>(() => verdict)
  const write = vi.spyOn(to, 'write').mockReturnValue(true)
  const full = vi.spyOn(to, 'writableNeedDrain', 'get').mockReturnValue(false)
  const flow = startFlow(from, to, rule, vi.fn<() => void>())
  const arrives = (chunks: number) => {
    for (let chunk = 1; chunk <= chunks; chunk += 1) from.emit('data', quarter)
  }
  return { from, to, rule, write, full, flow, arrives }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('takes 1 MiB while nothing may go on, then lets the sender wait until it may', () => {
  const { from, rule, write, flow, arrives } = flowOf({ do: 'hold' })
  arrives(3)
  expect(from.isPaused()).toBe(false)
  arrives(1)
  expect(from.isPaused()).toBe(true)
  expect(write).not.toHaveBeenCalled()
  rule.mockReturnValue({ do: 'pass' })
  flow.look()
  expect(from.isPaused()).toBe(false)
  expect(write).toHaveBeenCalledTimes(4)
})

test.each(['drain', 'close'])('gives a reader no more than it takes, until %s', (event) => {
  const { from, to, write, full, arrives } = flowOf({ do: 'pass' })
  full.mockReturnValue(true)
  arrives(4)
  expect(write).not.toHaveBeenCalled()
  expect(from.isPaused()).toBe(true)
  full.mockReturnValue(false)
  to.emit(event)
  expect(write).toHaveBeenCalledTimes(4)
  expect(from.isPaused()).toBe(false)
})

test('delays from when a chunk was said, and keeps no timer when it need not wait any more', () => {
  const { rule, write, flow, arrives } = flowOf({ do: 'delay', by: 100 })
  arrives(1)
  vi.advanceTimersByTime(60)
  arrives(1)
  vi.advanceTimersByTime(40)
  expect(write).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(60)
  expect(write).toHaveBeenCalledTimes(2)
  arrives(2)
  expect(vi.getTimerCount()).toBe(1)
  rule.mockReturnValue({ do: 'pass' })
  flow.look()
  expect(write).toHaveBeenCalledTimes(4)
  expect(vi.getTimerCount()).toBe(0)
})

test('once stopped, it passes nothing, asks nothing and reads on, so that it notices the end', () => {
  const { from, rule, write, flow, arrives } = flowOf({ do: 'delay', by: 100 })
  arrives(4)
  expect(from.isPaused()).toBe(true)
  flow.stop()
  expect(from.isPaused()).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
  rule.mockClear()
  arrives(1)
  flow.look()
  expect(rule).not.toHaveBeenCalled()
  expect(write).not.toHaveBeenCalled()
})
