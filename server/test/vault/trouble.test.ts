import { expect, it } from 'vitest'
import { failureOf, signal, vaultForTest } from './vault-for-test.ts'

const unclear = { code: 'STORAGE_UNAVAILABLE', reason: 'unclear' }
const notSent = { code: 'STORAGE_UNAVAILABLE', reason: 'not_sent' }

const accounts = ['A', 'B', 'C', 'D', 'E']

/** Short enough that a hang is over at once, long enough for an answer of this machine. */
const limits = { connect: 1_000, request: 250 }

it.each([
  ['ThrottlingException', undefined],
  ['InternalServiceError', undefined],
  ['ServiceUnavailable', 503],
])('F52: %s once is ridden out by the SDK', async (error, status) => {
  await using test = await vaultForTest()
  test.sandbox.fail({ error, times: 1, ...(status === undefined ? {} : { status }) })
  expect(await test.written()).toMatchObject({ tokenTaken: false })
  expect(test.calls()).toEqual({ CreateSecret: 2 })
})

it.each([
  ['ThrottlingException', undefined],
  ['TooManyRequestsException', undefined],
  ['AnyOtherName', 429],
  ['InternalServiceError', undefined],
  ['ServiceUnavailable', 503],
])('F52: %s that lasts fails after three tries, and may pass', async (error, status) => {
  await using test = await vaultForTest()
  test.sandbox.fail({ error, ...(status === undefined ? {} : { status }) })
  expect(await failureOf(test.written())).toEqual(unclear)
  expect(test.calls()).toEqual({ CreateSecret: 3 })
  test.sandbox.heal()
  expect(await test.written()).toMatchObject({ tokenTaken: false })
})

it('F56: a service that is down is not asked after five calls; it is once a pause is over, and then works', async () => {
  await using test = await vaultForTest()
  const calls = () => Promise.all(accounts.map((each) => failureOf(test.as(each).describe(test.name, signal))))
  test.proxy.set({ kind: 'cut' })
  expect(test.vault.heldBackFor()).toBe(0)
  expect(await calls()).toEqual(Array.from({ length: 5 }, () => notSent))
  expect(test.vault.heldBackFor()).toBeGreaterThan(0)
  expect(test.lines).toEqual(['warn: upstream fails; calls are refused until it works'])
  test.proxy.heal()
  expect(await failureOf(test.written())).toEqual(notSent)
  expect(test.calls()).toEqual({})
  test.passTime(10_000)
  expect(test.vault.heldBackFor()).toBe(0)
  expect(await test.written()).toMatchObject({ tokenTaken: false })
  expect(test.lines[1]).toBe('info: upstream works again')
})

it.each([
  ['an error', (test: Test) => test.sandbox.fail({ error: 'InternalServiceError' })],
  ['throttling', (test: Test) => test.sandbox.fail({ error: 'ThrottlingException' })],
  ['a hang', (test: Test) => test.proxy.set({ kind: 'hang' })],
  ['a reset', (test: Test) => test.proxy.set({ kind: 'reset' })],
])('F56: %s opens the breaker, too', async (_, cause) => {
  await using test = await vaultForTest(limits)
  cause(test)
  await Promise.all(accounts.map((each) => failureOf(test.as(each).describe(test.name, signal))))
  expect(test.vault.heldBackFor()).toBeGreaterThan(9_000)
})

it('T9: a secret that hangs for one account, however often, holds up no other', async () => {
  await using test = await vaultForTest({ connect: 1_000, request: 20 })
  test.proxy.set({ kind: 'hang' })
  await Promise.all(Array.from({ length: 10 }, () => failureOf(test.vault.describe(test.name, signal))))
  expect(test.vault.heldBackFor()).toBe(0)
})

it('T8: calls that nobody waits for hold up nobody who waits', async () => {
  await using test = await vaultForTest()
  test.proxy.set({ kind: 'cut' })
  await Promise.all(accounts.map((each) => failureOf(test.as(each, false).describe(test.name, signal))))
  expect(test.lines).toEqual(['warn: upstream fails; calls are refused until it works'])
  expect(test.vault.heldBackFor()).toBe(0)
  test.proxy.heal()
  expect(await test.written()).toMatchObject({ tokenTaken: false })
  expect(await failureOf(test.as('A', false).describe(test.name, signal))).toEqual(notSent)
})
type Test = Awaited<ReturnType<typeof vaultForTest>>

it.each(['hang', 'hang_answer'] as const)(
  'F57: a service that never answers (%s) fails after three short tries',
  async (kind) => {
    await using test = await vaultForTest(limits)
    test.proxy.set({ kind })
    const begun = performance.now()
    expect(await failureOf(test.written())).toEqual(unclear)
    expect(performance.now() - begun, 'less than one usual try').toBeLessThan(3_000)
    expect(test.proxy.strikes).toBe(3)
    test.proxy.heal()
    expect(await test.written()).toMatchObject({ tokenTaken: false })
  },
)

it('F57: the usual limit is three seconds a try', async () => {
  await using test = await vaultForTest()
  test.proxy.set({ kind: 'hang', times: 1 })
  const begun = performance.now()
  await test.written()
  // Timers may be a little early.
  expect(performance.now() - begun).toBeGreaterThan(2_900)
  expect(performance.now() - begun).toBeLessThan(6_000)
  expect(test.calls()).toMatchObject({ CreateSecret: 1 })
})

it('a reset that lasts is unclear: the call may have been done', async () => {
  await using test = await vaultForTest()
  test.proxy.set({ kind: 'reset_answer' })
  expect(await failureOf(test.written())).toEqual(unclear)
  test.proxy.heal()
  expect(Object.values(await test.labels())).toEqual([['AWSCURRENT']])
})

it('a caller who stops waiting gets a failure at once, which says nothing of the service', async () => {
  await using test = await vaultForTest()
  test.proxy.set({ kind: 'hang' })
  for (let call = 0; call < 6; call++) {
    const stop = new AbortController()
    const work = failureOf(test.vault.describe(test.name, stop.signal))
    await test.proxy.struck()
    stop.abort()
    expect(await work).toEqual(unclear)
  }
  expect(test.vault.heldBackFor()).toBe(0)
})

it('a caller whose time is over before the call sends nothing', async () => {
  await using test = await vaultForTest()
  expect(await failureOf(test.vault.describe(test.name, AbortSignal.abort()))).toEqual(notSent)
  expect(test.calls()).toEqual({})
})
