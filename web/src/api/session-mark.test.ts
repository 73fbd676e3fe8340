import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sessionMark } from './session-mark.ts'

/** As much of a browser's storage as is used; one that is forbidden throws. */
function storage(forbidden = false) {
  const kept = new Map<string, string>()
  const use = <Value>(act: () => Value): Value => {
    if (forbidden) throw new DOMException('The operation is insecure.', 'SecurityError')
    return act()
  }
  return {
    kept,
    getItem: (key: string) => use(() => kept.get(key) ?? null),
    setItem: (key: string, value: string) => use(() => void kept.set(key, value)),
    removeItem: (key: string) => use(() => void kept.delete(key)),
  }
}

const browser = storage()
beforeEach(() => vi.stubGlobal('localStorage', browser))
afterEach(() => {
  browser.kept.clear()
  vi.unstubAllGlobals()
})

test('P8: signing out in one tab is over for all, and for none that signs in afterwards', () => {
  const [first, second] = [sessionMark(storage()), sessionMark(storage())]
  first.join()
  second.join()
  expect([first.isOver(), second.isOver()]).toEqual([false, false])
  first.leave()
  expect([first.isOver(), second.isOver()]).toEqual([false, true])
  expect(browser.kept.size).toBe(0)
  first.join()
  expect([first.isOver(), second.isOver()]).toEqual([false, true])
  second.quit()
  expect([first.isOver(), second.isOver()]).toEqual([false, false])
})

test('P18: where the browser keeps nothing for all tabs, each signs out alone', () => {
  vi.stubGlobal('localStorage', storage(true))
  const own = storage()
  const mark = sessionMark(own)
  mark.join()
  expect([mark.isOver(), own.kept.size]).toEqual([false, 0])
  mark.leave()
  expect(mark.isOver()).toBe(false)
})
