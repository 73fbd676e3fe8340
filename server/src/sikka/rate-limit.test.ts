import { describe, expect, it } from 'vitest'
import { pauseAsked, rateLimit } from './rate-limit.ts'
import { fakeClock } from './testing/fake-clock.ts'

const receivedAt = new Date('2026-03-01T12:00:00.000Z')
const never = new AbortController().signal
const usedUp = (resetSeconds: number) => ({
  status: 200,
  body: '',
  receivedAt,
  headers: { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(resetSeconds) },
})

describe('F34: how long an answer wants no calls after it', () => {
  it.each([
    [200, {}, undefined],
    [200, { 'x-rate-limit-remaining': '3', 'x-rate-limit-reset': '12' }, undefined],
    [200, { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '12' }, 12_000],
    [200, { 'x-rate-limit-remaining': ' 0 ', 'x-rate-limit-reset': ' 12 ' }, 12_000],
    [200, { 'x-rate-limit-remaining': '0' }, undefined],
    [200, { 'x-rate-limit-remaining': '0', 'retry-after': '9' }, 9_000],
    [200, { 'retry-after': '9' }, undefined],
    [400, { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '12' }, 12_000],
    [429, {}, undefined],
    [429, { 'x-rate-limit-reset': '12' }, 12_000],
    [429, { 'x-rate-limit-remaining': '3', 'x-rate-limit-reset': '12' }, 12_000],
    [429, { 'x-rate-limit-reset': '0' }, 0],
    [429, { 'retry-after': '120' }, 120_000],
    [429, { 'retry-after': '9', 'x-rate-limit-reset': '12' }, 12_000],
    [429, { 'retry-after': '15', 'x-rate-limit-reset': '12' }, 15_000],
    [429, { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
    [429, { 'retry-after': 'Sun, 01 Mar 2026 11:59:00 GMT' }, 0],
    [429, { 'retry-after': 'soon' }, undefined],
    [429, { 'x-rate-limit-reset': '-5' }, undefined],
    [429, { 'x-rate-limit-reset': '1e9' }, undefined],
    [429, { 'x-rate-limit-reset': '' }, undefined],
    [429, { 'x-rate-limit-reset': ['12', '13'] }, undefined],
    [503, { 'retry-after': '9' }, 9_000],
    [503, { 'x-rate-limit-reset': '12' }, undefined],
    [302, { 'retry-after': '9' }, undefined],
  ])('HTTP %i with %j: %s milliseconds', (status, headers, milliseconds) => {
    expect(pauseAsked({ status, headers, receivedAt })).toBe(milliseconds)
  })
})

describe('F34: a call', () => {
  const refusal = expect.objectContaining({ code: 'PROVIDER_UNAVAILABLE', reason: 'limited' }) as Error

  it('does not wait for nothing', async () => {
    const clock = fakeClock()
    await rateLimit(clock).waitForTurn(never)
    expect(clock.pauses).toEqual([])
  })

  it('waits for the rest of the window, up to 30 seconds', async () => {
    const clock = fakeClock()
    const limit = rateLimit(clock)
    limit.note(usedUp(31))
    clock.pass(1_000)
    await limit.waitForTurn(never)
    await limit.waitForTurn(never)
    expect(clock.pauses).toEqual([30_000])
  })

  it('fails at once when it would take longer', async () => {
    const clock = fakeClock()
    const limit = rateLimit(clock)
    limit.note(usedUp(31))
    await expect(limit.waitForTurn(never)).rejects.toThrow(refusal)
    expect(clock.pauses).toEqual([])
  })

  it('fails when its caller stops first', async () => {
    const stop = new AbortController()
    const limit = rateLimit(fakeClock(() => stop.abort()))
    limit.note(usedUp(5))
    await expect(limit.waitForTurn(stop.signal)).rejects.toThrow(refusal)
  })

  it('goes on waiting when another answer wants more meanwhile, 30 seconds in all', async () => {
    const clock = fakeClock((number) => limit.note(usedUp(number === 1 ? 25 : 60)))
    const limit = rateLimit(clock)
    limit.note(usedUp(5))
    await expect(limit.waitForTurn(never)).rejects.toThrow(refusal)
    expect(clock.pauses).toEqual([5_000, 20_000])
  })

  it('is not let through by an older answer that came later', async () => {
    const clock = fakeClock()
    const limit = rateLimit(clock)
    limit.note(usedUp(20))
    limit.note(usedUp(1))
    limit.note({ ...usedUp(20), headers: { 'x-rate-limit-remaining': '4', 'x-rate-limit-reset': '20' } })
    await limit.waitForTurn(never)
    expect(clock.pauses).toEqual([20_000])
  })

  it('is held up for a window at most, whatever an answer wants', async () => {
    const clock = fakeClock()
    const limit = rateLimit(clock)
    limit.note(usedUp(999_999_999))
    clock.pass(59_000)
    await limit.waitForTurn(never)
    expect(clock.pauses).toEqual([1_000])
  })
})
