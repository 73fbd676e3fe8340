import { expect, it } from 'vitest'
import { windowCounter } from './window-counter.ts'

function counter(points: number) {
  const time = { now: 1_000 }
  const counted = windowCounter({ points, milliseconds: 60_000 }, { now: () => time.now })
  return { time, ...counted }
}

it('takes so many calls of a key in a window, and says when it ends', () => {
  const { time, take } = counter(2)
  expect([take('a'), take('a')]).toEqual([undefined, undefined])
  time.now += 20_000
  expect([take('a'), take('b')]).toEqual([40_000, undefined])
})

it('begins a new window with the first call after the last one is over', () => {
  const { time, take } = counter(1)
  take('a')
  time.now += 59_999
  expect(take('a')).toBe(1)
  time.now += 1
  expect([take('a'), take('a')]).toEqual([undefined, 60_000])
})

it('goes on with a window that began in the turn before', () => {
  const { time, take } = counter(1)
  take('first')
  time.now += 59_000
  take('a')
  time.now += 2_000
  expect([take('first'), take('a')]).toEqual([undefined, 58_000])
})

it('gives a call back, in the window it was taken in', () => {
  const { time, take, giveBack } = counter(1)
  take('a')
  giveBack('a')
  expect([take('a'), take('a')]).toEqual([undefined, 60_000])
  time.now += 60_000
  giveBack('a')
  expect([take('a'), take('a')]).toEqual([undefined, 60_000])
})

it('is not misled by a long silence', () => {
  const { time, take } = counter(1)
  take('a')
  time.now += 1_000_000
  expect([take('a'), take('a')]).toEqual([undefined, 60_000])
})
