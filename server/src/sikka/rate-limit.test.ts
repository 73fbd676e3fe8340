import { describe, expect, it } from 'vitest'
import { rateLimit } from './rate-limit.ts'
import { fakeClock } from './testing/fake-clock.ts'

const receivedAt = new Date('2026-03-01T12:00:00.000Z')
const never = new AbortController().signal
const person = (accountId = 'A') => ({ accountId, isWaitedFor: true })
const job = (accountId = 'A') => ({ accountId, isWaitedFor: false })
const answer = (left: number, reset: number, plan = 120) => ({
  status: 200,
  body: '',
  receivedAt,
  headers: {
    'x-rate-limit-limit': String(plan),
    'x-rate-limit-remaining': String(left),
    'x-rate-limit-reset': String(reset),
  },
})
const refusal = expect.objectContaining({ code: 'PROVIDER_UNAVAILABLE', reason: 'limited' }) as Error

function limitForTest(onPause?: Parameters<typeof fakeClock>[0]) {
  const clock = fakeClock(onPause)
  return { ...rateLimit(clock), clock }
}

/** A clock that many can wait on: it moves when it is told to, and wakes them in the order of their times. */
function sharedClock() {
  let now = 0
  let sleepers: { until: number; wake: () => void }[] = []
  return {
    now: () => now,
    sleep: async (milliseconds: number) =>
      new Promise<void>((wake) => void sleepers.push({ until: now + milliseconds, wake })),
    async pass(milliseconds: number) {
      now += milliseconds
      const woken = sleepers.filter(({ until }) => until <= now)
      sleepers = sleepers.filter(({ until }) => until > now)
      for (const { wake } of woken.toSorted((a, b) => a.until - b.until)) {
        wake()
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      }
    },
  }
}

describe('F34: a call', () => {
  it('does not wait for nothing', async () => {
    const { clock, waitForTurn } = limitForTest()
    await waitForTurn(person(), never)
    await waitForTurn(job(), never)
    expect(clock.pauses).toEqual([])
  })

  it('T12: of a person waits for the rest of the window, however long', async () => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 60))
    clock.pass(1_000)
    await waitForTurn(person('B'), never)
    await waitForTurn(person('B'), never)
    expect(clock.pauses).toEqual([59_000])
  })

  it('of a job fails at once when it would take longer than ten seconds', async () => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 11))
    await expect(waitForTurn(job(), never)).rejects.toThrow(refusal)
    expect(clock.pauses).toEqual([])
    clock.pass(1_000)
    await waitForTurn(job(), never)
    expect(clock.pauses).toEqual([10_000])
  })

  it('fails when its caller stops first', async () => {
    const stop = new AbortController()
    const { note, waitForTurn } = limitForTest(() => stop.abort())
    note(person(), answer(0, 5))
    await expect(waitForTurn(person(), stop.signal)).rejects.toThrow(refusal)
  })

  it('goes on waiting when another answer wants more meanwhile', async () => {
    const { clock, note, waitForTurn } = limitForTest((number) => {
      if (number === 1) note(person('B'), answer(0, 25))
    })
    note(person(), answer(0, 5))
    await waitForTurn(person(), never)
    expect(clock.pauses).toEqual([5_000, 20_000])
  })

  it('is not let through by an older answer that came later', async () => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 20))
    note(person(), answer(0, 1))
    note(person(), answer(4, 20))
    await waitForTurn(person(), never)
    expect(clock.pauses).toEqual([20_000])
  })

  it('goes as soon as an answer speaks of the next window', async () => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 20))
    note(person(), answer(4, 60))
    await waitForTurn(person(), never)
    expect(clock.pauses).toEqual([])
  })

  it('is held up for a window at most, whatever an answer wants', async () => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 999_999_999))
    await waitForTurn(person(), never)
    expect(clock.pauses).toEqual([60_000])
  })

  it('T12: is counted, so that a plan of five is never asked for more, also before an answer tells', async () => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 20, 5))
    for (let call = 0; call < 11; call++) await waitForTurn(person(String(call)), never)
    expect(clock.pauses).toEqual([20_000, 60_000, 60_000])
  })

  it('T12: is counted while five others are on their way, whatever the first answer says', async () => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 20, 5))
    for (let call = 0; call < 5; call++) await waitForTurn(person(String(call)), never)
    note(person(), answer(4, 60, 5))
    await waitForTurn(person('B'), never)
    expect(clock.pauses).toEqual([20_000, 60_000])
  })

  it.each([
    ['grows', 120],
    ['lied', 1],
  ])('follows a plan that %s', async (_, plan) => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(0, 5, plan === 1 ? 1 : 5))
    await waitForTurn(person(), never)
    note(person(), answer(119, 60, 120))
    for (let call = 0; call < 119; call++) await waitForTurn(person(), never)
    expect(clock.pauses).toEqual([5_000])
  })
})

describe('T12: people before jobs', () => {
  it.each([
    [5, 2],
    [20, 10],
    [250, 230],
    [2, 1],
    [1, 1],
  ])('of a plan of %i calls, jobs use %i', async (plan, used) => {
    const { clock, note, waitForTurn } = limitForTest()
    note(person(), answer(plan, 60, plan))
    let calls = 0
    const signal = AbortSignal.timeout(10_000)
    while (
      await waitForTurn(job(String(calls)), signal).then(
        () => clock.pauses.length === 0,
        () => false,
      )
    )
      calls += 1
    expect(calls).toBe(used)
    for (let call = used; call < plan; call++) await waitForTurn(person(), never)
    expect(clock.pauses).toEqual([])
  })

  it('people who wait go first when the window ends, and what is over is the jobs’', async () => {
    const clock = sharedClock()
    const { note, waitForTurn } = rateLimit(clock)
    note(person(), answer(0, 9, 5))
    const order: string[] = []
    const wait = (caller: ReturnType<typeof person>) =>
      waitForTurn(caller, never).then(
        () => order.push(`${caller.isWaitedFor ? 'person' : 'job'} ${caller.accountId}`),
        () => undefined,
      )
    void Promise.all([job('A'), job('B'), person('C'), person('D')].map(wait))
    await clock.pass(9_000)
    expect(order).toEqual(['person C', 'person D'])
  })

  it('one account’s calls leave the window to others who wait, once it has had its two', async () => {
    const clock = sharedClock()
    const { note, waitForTurn } = rateLimit(clock)
    note(person(), answer(0, 9, 5))
    const order: string[] = []
    const wait = (account: string) => waitForTurn(person(account), never).then(() => order.push(account))
    void Promise.all(['A', 'A', 'A', 'A', 'A', 'A', 'B', 'C', 'D'].map(wait))
    await clock.pass(9_000)
    expect(order.toSorted()).toEqual(['A', 'A', 'B', 'C', 'D'])
    await clock.pass(60_000)
    expect(order.slice(5)).toEqual(['A', 'A', 'A', 'A'])
  })
})

describe('T10: what one account is told', () => {
  it('holds back that account alone: a 503 with Retry-After', async () => {
    const { clock, note, waitForTurn, heldBackFor } = limitForTest()
    note(person('A'), { ...answer(0, 0), status: 503, headers: { 'retry-after': '30' } })
    await waitForTurn(person('B'), never)
    await waitForTurn(job('C'), never)
    expect(clock.pauses).toEqual([])
    expect([heldBackFor(person('A')), heldBackFor(person('B'))]).toEqual([30_000, 0])
    await waitForTurn(person('A'), never)
    expect(clock.pauses).toEqual([30_000])
  })
})

describe('T11: how long a new attempt would be held back', () => {
  it.each([
    [3, 40, 0],
    [2, 40, 0],
    [1, 40, 40_000],
    [0, 40, 40_000],
    [0, 999, 60_000],
  ])('with %i calls left and a reset of %i: %i milliseconds', (left, reset, expected) => {
    const { note, heldBackFor } = limitForTest()
    expect(heldBackFor(person())).toBe(0)
    note(person(), answer(left, reset, 5))
    expect(heldBackFor(person())).toBe(expected)
  })

  it('counts those who wait already', async () => {
    const clock = sharedClock()
    const { note, waitForTurn, heldBackFor } = rateLimit(clock)
    note(person(), answer(0, 40, 5))
    for (let call = 0; call < 3; call++) void waitForTurn(person(String(call)), never)
    expect(heldBackFor(person())).toBe(40_000)
    void waitForTurn(person('more'), never)
    expect(heldBackFor(person())).toBe(100_000)
  })
})
