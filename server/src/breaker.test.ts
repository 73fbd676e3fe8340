import { describe, expect, it, vi } from 'vitest'
import { circuitBreaker } from './breaker.ts'

const trouble = new Error('trouble')
const refused = new Error('refused for good')
const person = (accountId: string) => ({ accountId, isWaitedFor: true })
const job = (accountId: string) => ({ accountId, isWaitedFor: false })

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
  const fail = async (caller = person('A'), error: unknown = trouble, signal?: AbortSignal) => {
    const work = async () => {
      throw error
    }
    return expect(breaker.run(caller, work, signal)).rejects.toBe(error)
  }
  return {
    ...breaker,
    onChange,
    fail,
    isOpen: () => breaker.closedFor() > 0,
    pass: (milliseconds: number) => void (now += milliseconds),
    succeed: (caller = person('A')) => breaker.run(caller, async () => 'done'),
    async open(caller = person) {
      for (const account of ['A', 'B', 'C', 'D', 'E']) await fail(caller(account))
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
    await breaker.fail()
    await breaker.fail(person('A'), refused)
  })

  it('opens after five failures in a row of three accounts: work is not done, and its caller told so at once', async () => {
    const breaker = breakerForTest()
    for (const account of ['A', 'B', 'C', 'A']) await breaker.fail(person(account))
    expect(breaker.closedFor()).toBe(0)
    await breaker.fail(person('B'))
    expect(breaker.closedFor()).toBe(10_000)
    const work = vi.fn<() => Promise<string>>()
    await expect(breaker.run(person('D'), work)).rejects.toThrow(/^open$/)
    expect(work).not.toHaveBeenCalled()
    expect(breaker.onChange.mock.calls).toEqual([[{ name: 'upstream', isOpen: true }]])
  })

  it.each([1, 2])('T9: stays closed however often %i account(s) fail', async (accounts) => {
    const breaker = breakerForTest()
    for (let failure = 0; failure < 200; failure++) await breaker.fail(person(String(failure % accounts)))
    expect(breaker.isOpen()).toBe(false)
    expect(await breaker.succeed(person('another'))).toBe('done')
  })

  it('T8: background calls open one of their own, which people do not feel, and the other way round', async () => {
    const breaker = breakerForTest()
    await breaker.open(job)
    await expect(breaker.succeed(job('F'))).rejects.toThrow(/^open$/)
    expect(breaker.isOpen()).toBe(false)
    expect(await breaker.succeed()).toBe('done')
    breaker.pass(10_000)
    await breaker.open(person)
    expect(breaker.isOpen()).toBe(true)
    expect(await breaker.succeed(job('F'))).toBe('done')
    expect(breaker.onChange.mock.calls.map(([{ name, isOpen }]) => [name, isOpen])).toEqual([
      ['upstream, in the background', true],
      ['upstream', true],
      ['upstream, in the background', false],
    ])
  })

  it.each([
    ['a success', (breaker: ReturnType<typeof breakerForTest>) => breaker.succeed()],
    ['F33: a refusal', (breaker: ReturnType<typeof breakerForTest>) => breaker.fail(person('A'), refused)],
  ])('begins to count anew after %s', async (_, happens) => {
    const breaker = breakerForTest()
    for (let round = 0; round < 3; round++) {
      for (const account of ['A', 'B', 'C', 'D']) await breaker.fail(person(account))
      await happens(breaker)
    }
    expect(breaker.isOpen()).toBe(false)
  })

  it('neither counts nor forgives work that its caller ended', async () => {
    const breaker = breakerForTest()
    for (const account of ['A', 'B', 'C', 'D']) await breaker.fail(person(account))
    for (let stop = 0; stop < 9; stop++) await breaker.fail(person('E'), trouble, AbortSignal.abort())
    expect(breaker.isOpen()).toBe(false)
    await breaker.fail(person('E'))
    expect(breaker.isOpen()).toBe(true)
  })

  it('is available again by the mere passing of time, and says when', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(9_999)
    expect(breaker.closedFor()).toBe(1)
    breaker.pass(1)
    expect(breaker.closedFor()).toBe(0)
  })

  it('lets one call through to try, and closes when that works', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    const probe = underWay()
    const probing = breaker.run(person('F'), probe.work)
    expect(breaker.isOpen()).toBe(true)
    await expect(breaker.succeed()).rejects.toThrow(/^open$/)
    probe.resolve('done')
    expect(await probing).toBe('done')
    expect(breaker.isOpen()).toBe(false)
    expect(await breaker.succeed()).toBe('done')
    expect(breaker.onChange.mock.calls.map(([{ isOpen }]) => isOpen)).toEqual([true, false])
  })

  it('closes also when the try is refused: that is an answer', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    await breaker.fail(person('A'), refused)
    expect(breaker.isOpen()).toBe(false)
    expect(breaker.onChange).toHaveBeenCalledTimes(2)
  })

  it('stays open as long again when the try fails, and says nothing new', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    for (const account of ['A', 'B', 'A']) {
      breaker.pass(10_000)
      await breaker.fail(person(account))
      expect(breaker.closedFor()).toBe(10_000)
    }
    breaker.pass(10_000)
    await breaker.succeed()
    expect(breaker.onChange.mock.calls.map(([{ isOpen }]) => isOpen)).toEqual([true, false])
  })

  it('T9: is not kept open by one account that fails alone: its second try in a row holds up nobody', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    await breaker.fail(person('A'))
    breaker.pass(10_000)
    const hanging = underWay()
    const trying = breaker.run(person('A'), hanging.work)
    expect(breaker.isOpen(), 'also while it hangs').toBe(false)
    hanging.reject(trouble)
    await expect(trying).rejects.toBe(trouble)
    expect(breaker.isOpen()).toBe(false)
    expect(await breaker.succeed(person('B'))).toBe('done')
    expect(breaker.onChange).toHaveBeenCalledTimes(2)
  })

  it('lets the next call try when the caller of the try ended it', async () => {
    const breaker = breakerForTest()
    await breaker.open()
    breaker.pass(10_000)
    await breaker.fail(person('A'), trouble, AbortSignal.abort())
    expect(breaker.isOpen()).toBe(false)
    await breaker.fail(person('A'))
    expect(breaker.isOpen()).toBe(true)
  })

  it('is not closed by an older call that ends well while it is open, nor held open by one that ends badly', async () => {
    const breaker = breakerForTest()
    const [well, badly] = [underWay(), underWay()]
    const running = [breaker.run(person('A'), well.work), breaker.run(person('B'), badly.work)]
    await breaker.open()
    breaker.pass(5_000)
    well.resolve('done')
    badly.reject(trouble)
    await Promise.allSettled(running)
    expect(breaker.closedFor()).toBe(5_000)
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
