import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

let system: System
let person: Person

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.stop())
beforeEach(async () => {
  await system.reset()
  person = await system.newPerson()
  await person.client.account.current.query()
})

const row = () => system.db.pmsIntegration.findFirstOrThrow()
const attemptRow = (id: string) => system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const exchanges = () => Object.values(system.sikka.calls.exchangesByCode)
const unavailable = { data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 } }
const tryAgain = '/agent/setup/pms?error=temporarily_unavailable'

async function events(where: { attemptId: string } | { accountId: string }) {
  const rows = await system.db.pmsAuditEvent.findMany({ where, orderBy: { id: 'asc' } })
  return rows.map(({ event }) => event)
}

/** Started and allowed at Sikka: the callback address that the browser is about to open. */
async function allowed() {
  const started = await person.client.pms.startConnection.mutate()
  return { ...started, callback: await decide(person.browser, started.authorizationUrl) }
}

/** Connected, as if nothing had happened. */
async function expectConnectedOnce(attemptId: string) {
  expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
  expect(await events({ attemptId })).toEqual(['STARTED', 'AUTHORIZED', 'CONNECTED'])
  expect(exchanges()).toEqual([1])
  expect(await system.db.pmsIntegration.findMany()).toEqual([
    expect.objectContaining({ status: 'ACTIVE', secretVersionId: attemptId, generation: 1 }),
  ])
  expect(await system.readSecret(await row())).toMatchObject({ officeId: 'D00001' })
  expect(system.log.join('\n')).not.toContain('practice not connected')
}

/** Nothing happened at Sikka, and the person can connect. */
async function expectUnspent() {
  expect(exchanges()).toEqual([])
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
}

/** The statements of an attempt's work, by what only they say. */
const steps = [
  ['the keys received', `SET status = 'KEYS_RECEIVED'`],
  ['the office reserved', `SET status = 'STORING'`],
  ['the reservation committed', `SET status = 'STORING'[^]*COMMIT`],
  ['the attempt completed', `SET status = 'COMPLETED'`],
  ['the row written', 'INSERT INTO pms_integrations'],
  ['the completion committed', 'INSERT INTO pgboss[^]*settle-secret[^]*COMMIT'],
] as const
const beforeTheCode = ['the code about to be sent', `SET status = 'EXCHANGING'`] as const

describe('the database is gone', () => {
  it('F62: at the start: 503, no cookie, and no attempt', async () => {
    system.lines.database.set({ kind: 'cut' })
    await expect(person.client.pms.startConnection.mutate()).rejects.toMatchObject(unavailable)
    expect(person.browser.cookies('localhost')).toEqual([])
    system.lines.database.heal()
    const { accountId } = await person.client.account.current.query()
    expect(await events({ accountId })).toEqual([])
    expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  })

  it('F62: at the callback: it asks to try again, and the same callback works once it is back', async () => {
    const { callback, attemptId } = await allowed()
    system.lines.database.set({ kind: 'cut' })
    expect((await open(person.browser, callback)).path).toBe(tryAgain)
    expect(exchanges()).toEqual([])
    expect((await attemptRow(attemptId)).status).toBe('CREATED')
    system.lines.database.heal()
    expect((await open(person.browser, callback)).path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
    await expectConnectedOnce(attemptId)
  })

  it('F62: while the code is exchanged, for seconds: it completes by itself', async () => {
    system.lines.sikka.set({ kind: 'hang_answer', when: 'POST /v4/request_key' })
    const { callback, attemptId } = await allowed()
    await open(person.browser, callback)
    await system.lines.sikka.struck()
    system.lines.database.set({ kind: 'cut' })
    system.lines.sikka.heal()
    // It says so every three seconds; by then the keys have long been waiting to be recorded.
    await system.until(async () => system.log.some((line) => line.includes('a lease could not be renewed')))
    expect((await attemptRow(attemptId)).status).toBe('EXCHANGING')
    system.lines.database.heal()
    await expectConnectedOnce(attemptId)
  })

  it.each([beforeTheCode, ...steps])('F62: with %s, which it never hears: it completes by itself', async (_, when) => {
    const { callback, attemptId } = await allowed()
    system.lines.database.set({ kind: 'reset', when, times: 2 })
    await open(person.browser, callback)
    await expectConnectedOnce(attemptId)
    expect(system.lines.database.strikes).toBe(2)
  })
})

describe('what it has done is not heard of', () => {
  it.each(steps)('F64: %s: it completes by itself, once', async (_, when) => {
    const { callback, attemptId } = await allowed()
    system.lines.database.set({ kind: 'reset_answer', when, times: 1 })
    await open(person.browser, callback)
    await expectConnectedOnce(attemptId)
    expect(system.lines.database.strikes).toBe(1)
  })

  it.each(steps)(
    'F64: %s, and the connection is closed without a word: it completes by itself, once',
    async (_, when) => {
      const { callback, attemptId } = await allowed()
      system.lines.database.set({ kind: 'limit', bytes: 0, when, times: 1 })
      await open(person.browser, callback)
      await expectConnectedOnce(attemptId)
      expect(system.lines.database.strikes).toBe(1)
    },
  )

  it('F64: the start: 503 and no cookie; the attempt that nobody can finish harms nothing', async () => {
    system.lines.database.set({ kind: 'reset_answer', when: 'INSERT INTO pgboss[^]*COMMIT', times: 1 })
    await expect(person.client.pms.startConnection.mutate()).rejects.toMatchObject(unavailable)
    expect(person.browser.cookies('localhost')).toEqual([])
    const { accountId } = await person.client.account.current.query()
    expect(await events({ accountId })).toEqual(['STARTED'])
    expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  })

  it('F64: the claim: it is over when its lease is, with one audit event, and no code was spent', async () => {
    const { callback, attemptId } = await allowed()
    system.lines.database.set({ kind: 'reset_answer', when: 'INSERT INTO pgboss[^]*COMMIT', times: 1 })
    expect((await open(person.browser, callback)).path).toBe(tryAgain)
    expect((await open(person.browser, callback)).path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
    await system.db.$executeRaw`UPDATE pms_connection_attempts SET "leaseUntil" = now() WHERE id = ${attemptId}::uuid`
    await system.watch(attemptId)
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await events({ attemptId })).toEqual(['STARTED', 'AUTHORIZED', 'FAILED'])
    await expectUnspent()
  })

  it('F64: that the code may be sent: it is not, for nobody knows who said so', async () => {
    const { callback, attemptId } = await allowed()
    system.lines.database.set({ kind: 'reset_answer', when: beforeTheCode[1], times: 1 })
    await open(person.browser, callback)
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await events({ attemptId })).toEqual(['STARTED', 'AUTHORIZED', 'FAILED'])
    await expectUnspent()
  })

  it.each([
    ['the new keys', 'WITH saved'],
    ['their commit', 'WITH saved[^]*COMMIT'],
  ])('F64: a refresh, %s: saved once, and nothing is revoked', async (_, when) => {
    await connect(person)
    const before = await row()
    await system.makeDue(before)
    system.lines.database.set({ kind: 'reset_answer', when, times: 1 })
    expect(await system.refreshKeys(before.id)).toBe('refreshed')
    expect(system.lines.database.strikes).toBe(1)
    const after = await row()
    expect(after).toMatchObject({ generation: before.generation + 1, status: 'ACTIVE', leaseUntil: null })
    expect(await system.currentVersion(after)).toBe(after.secretVersionId)
    expect((await events({ accountId: before.accountId })).slice(-2)).toEqual(['CONNECTED', 'REFRESHED'])
    const { requestKey, deleteRequestKey, deleteRefreshKey } = system.sikka.calls
    expect([requestKey.refresh_key, deleteRequestKey, deleteRefreshKey]).toEqual([1, 0, 0])
  })
})
