import { describe, expect, it, vi } from 'vitest'
import { circuitBreaker } from './breaker.ts'

const trouble = new Error('trouble')
const refused = new Error('refused for good')

function breakerForTest() {
  let now = 0
  const onChange = vi.fn<(change: { name: string; isOpen: boolean }) => void>()
  const breaker = circuitBreaker({
    name: 'upstream',
    isTrouble: (error) => error === trouble,
    refusal: () => new Error('open'),
    onChange,
    now: () => now,
  })
  const fail = async (error: unknown, signal?: AbortSignal) => {
    const work = async () => {
      throw error
    }
    return expect(breaker.run(work, signal)).rejects.toBe(error)
  }
  return {
    ...breaker,
    onChange,
    fail,
    pass: (milliseconds: number) => void (now += milliseconds),
    succeed: () => breaker.run(async () => 'done'),
    async open() {
      for (let failure = 0; failure < 5; failure++) await fail(trouble)
    },
  }
}

/** Work that is under way until it is told how it ends. */
function underWay() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { work: () => promise, resolve, reject }
}

describe('a circuit breaker', () => {
  it('hands through what the work gives and throws', async () => {
    const breaker = breakerForTest()
    expect(await breaker.succeed()).toBe('done')
    await breaker.fail(trouble)
    await breaker.fail(refused)
  })

  it('opens after five failures in a row: work is not done, and its caller told so at once', async () => {
    const breaker = breakerForTest()
    for (let failure = 0; failure < 4; failure++) await breaker.fail(trouble)
    expect(breaker.isAvailable()).toBe(true)
    await breaker.fail(trouble)
    expect(breaker.isAvailable()).toBe(false)
    const work = vi.fn<() => Promise<string>>()
    await expect(breaker.run(work)).rejects.toThrow(/^open$/)
    expect(work).not.toHaveBeenCalled()
    expect(breaker.onChange.mock.calls).toEqual([[{ name: 'upstream', isOpen: true }]])
  })

  it.each([
    ['a success', (breaker: ReturnType<typeof breakerForTest>) => breaker.succeed()],
    ['F33: a refusal', (breaker: ReturnType<typeof breakerForTest>) => breaker.fail(refused)],
  ])('begins to count anew after %s', async (_, happens) => {
    const breaker = breakerForTest()
    for (let round = 0; round < 3; round++) {
      for (let failure = 0; failure < 4; failure++) await breaker.fail(trouble)
      await happens(breaker)
    }
    expect(breaker.isAvailable()).toBe(true)
  })

  it('neither counts nor forgives work that its caller ended', async () => {
    const breaker = breakerForTest()
    for (let failure = 0; failure < 4; failure++) await breaker.fail(trouble)
    for (let stop = 0; stop < 9; stop++) await breaker.fail(trouble, AbortSignal.abort())
    expect(breaker.isAvailable()).toBe(true)
    await breaker.fail(trouble)
    expect(breaker.isAvailable()).toBe(false)
  })

  it('is available again by the mere passing of time', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(9_999)
    expect(breaker.isAvailable()).toBe(false)
    breaker.pass(1)
    expect(breaker.isAvailable()).toBe(true)
  })

  it('lets one call through to try, and closes when that works', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    const probe = underWay()
    const probing = breaker.run(probe.work)
    expect(breaker.isAvailable()).toBe(false)
    await expect(breaker.succeed()).rejects.toThrow(/^open$/)
    probe.resolve('done')
    expect(await probing).toBe('done')
    expect(breaker.isAvailable()).toBe(true)
    expect(await breaker.succeed()).toBe('done')
    expect(breaker.onChange.mock.calls.map(([{ isOpen }]) => isOpen)).toEqual([true, false])
  })

  it('closes also when the try is refused: that is an answer', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    await breaker.fail(refused)
    expect(breaker.isAvailable()).toBe(true)
  })

  it('stays open as long again when the try fails, and says nothing new', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    await breaker.fail(trouble)
    expect(breaker.isAvailable()).toBe(false)
    breaker.pass(9_999)
    expect(breaker.isAvailable()).toBe(false)
    breaker.pass(1)
    await breaker.succeed()
    expect(breaker.onChange.mock.calls.map(([{ isOpen }]) => isOpen)).toEqual([true, false])
  })

  it('lets the next call try when the caller of the try ended it', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    await breaker.fail(trouble, AbortSignal.abort())
    expect(breaker.isAvailable()).toBe(true)
    await breaker.fail(trouble)
    expect(breaker.isAvailable()).toBe(false)
  })

  it('is not closed by an older call that ends well while it is open', async () => {
    const breaker = breakerForTest()
    const older = underWay()
    const running = breaker.run(older.work)
    await breaker.open()
    older.resolve('done')
    expect(await running).toBe('done')
    expect(breaker.isAvailable()).toBe(false)
  })

  it('F91: does not follow the system’s clock', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:00:00Z') })
    try {
      const breaker = breakerForTest()
      await breaker.open()
      vi.setSystemTime(new Date('2026-03-01T13:00:00Z'))
      await expect(breaker.succeed()).rejects.toThrow(/^open$/)
      vi.setSystemTime(new Date('2026-03-01T11:00:00Z'))
      breaker.pass(10_000)
      expect(await breaker.succeed()).toBe('done')
    } finally {
      vi.useRealTimers()
    }
  })
})
