import { expect, it } from 'vitest'
import { windowCounter } from './window-counter.ts'

function counter(points: number) {
  const time = { now: 1_000 }
  const counted = windowCounter({ points, milliseconds: 60_000 }, { now: () => time.now })
  return { time, ...counted }
}

it('takes so many calls of a key in a window, and says when it ends', () => {
  const calls = counter(2)
  expect([calls.take('a'), calls.take('a')]).toEqual([undefined, undefined])
  calls.time.now += 20_000
  expect([calls.take('a'), calls.take('b')]).toEqual([40_000, undefined])
})

it('begins a new window with the first call after the last one is over', () => {
  const calls = counter(1)
  calls.take('a')
  calls.time.now += 59_999
  expect(calls.take('a')).toBe(1)
  calls.time.now += 1
  expect([calls.take('a'), calls.take('a')]).toEqual([undefined, 60_000])
})

it('goes on with a window that began in the turn before', () => {
  const calls = counter(1)
  calls.take('first')
  calls.time.now += 59_000
  calls.take('a')
  calls.time.now += 2_000
  expect([calls.take('first'), calls.take('a')]).toEqual([undefined, 58_000])
})

it('gives a call back, in the window it was taken in', () => {
  const calls = counter(1)
  calls.take('a')
  calls.giveBack('a')
  expect([calls.take('a'), calls.take('a')]).toEqual([undefined, 60_000])
  calls.time.now += 60_000
  calls.giveBack('a')
  expect([calls.take('a'), calls.take('a')]).toEqual([undefined, 60_000])
})

it('is not misled by a long silence', () => {
  const calls = counter(1)
  calls.take('a')
  calls.time.now += 1_000_000
  expect([calls.take('a'), calls.take('a')]).toEqual([undefined, 60_000])
})
