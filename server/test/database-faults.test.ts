import { beforeEach, describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()

beforeEach(async () => {
  await on.person.client.account.current.query()
})

const row = () => on.system.db.pmsIntegration.findFirstOrThrow()
const attemptRow = (id: string) => on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const exchanges = () => Object.values(on.system.sikka.calls.exchangesByCode)
const unavailable = { data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 } }
const tryAgain = (attemptId: string) => `/agent/setup/pms?error=temporarily_unavailable&attempt=${attemptId}`

async function events(where: { attemptId: string } | { accountId: string }) {
  const rows = await on.system.db.pmsAuditEvent.findMany({ where, orderBy: { id: 'asc' } })
  return rows.map(({ event }) => event)
}

/** Started and allowed at Sikka: the callback address that the browser is about to open. */
async function allowed() {
  const started = await on.person.client.pms.startConnection.mutate()
  return { ...started, callback: await decide(on.person.browser, started.authorizationUrl) }
}

/** Connected, as if nothing had happened. */
async function expectConnectedOnce(attemptId: string) {
  expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
  expect(await events({ attemptId })).toEqual(['STARTED', 'AUTHORIZED', 'CONNECTED'])
  expect(exchanges()).toEqual([1])
  expect(await on.system.db.pmsIntegration.findMany()).toEqual([
    expect.objectContaining({ status: 'ACTIVE', secretVersionId: attemptId, generation: 1 }),
  ])
  expect(await on.system.readSecret(await row())).toMatchObject({ officeId: 'D00001' })
  expect(on.system.log.join('\n')).not.toContain('practice not connected')
}

/** Nothing happened at Sikka, and the person can connect. */
async function expectUnspent() {
  expect(exchanges()).toEqual([])
  expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
}

/** The statements of an attempt's work, by what only they say. */
const steps = [
  ['the keys received', `SET status = 'KEYS_RECEIVED'`],
  ['the office reserved', `SET status = 'STORING'`],
  ['the reservation committed', `SET status = 'STORING'[^]*COMMIT`],
  ['the attempt completed, and the row written', 'INSERT INTO pms_integrations'],
] as const
/** Before the code comes back. */
const started = 'INSERT INTO pms_connection_attempts'
const claimed = 'SELECT id, "leaseToken" FROM taken'
const beforeTheCode = ['the code about to be sent', `SET status = 'EXCHANGING'`] as const

describe('the database is gone', () => {
  it('F62: at the start: 503, no cookie, and no attempt', async () => {
    on.system.lines.database.set({ kind: 'cut' })
    await expect(on.person.client.pms.startConnection.mutate()).rejects.toMatchObject(unavailable)
    expect(on.person.browser.cookies('localhost')).toEqual([])
    on.system.lines.database.heal()
    const { accountId } = await on.person.client.account.current.query()
    expect(await events({ accountId })).toEqual([])
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
  })

  it('F62: at the callback: it asks to try again, and the same callback works once it is back', async () => {
    const { callback, attemptId } = await allowed()
    on.system.lines.database.set({ kind: 'cut' })
    expect((await open(on.person.browser, callback)).path).toBe(tryAgain(attemptId))
    expect(exchanges()).toEqual([])
    expect((await attemptRow(attemptId)).status).toBe('CREATED')
    on.system.lines.database.heal()
    expect((await open(on.person.browser, callback)).path).toBe(
      `/agent/setup/pms?status=connecting&attempt=${attemptId}`,
    )
    await expectConnectedOnce(attemptId)
  })

  it('F62: while the code is exchanged, for seconds: it completes by itself', async () => {
    on.system.lines.sikka.set({ kind: 'hang_answer', when: 'POST /v4/request_key' })
    const { callback, attemptId } = await allowed()
    await open(on.person.browser, callback)
    await on.system.lines.sikka.struck()
    on.system.lines.database.set({ kind: 'cut' })
    on.system.lines.sikka.heal()
    // It says so every three seconds; by then the keys have long been waiting to be recorded.
    await on.system.until(async () => on.system.log.some((line) => line.includes('a lease could not be renewed')))
    expect((await attemptRow(attemptId)).status).toBe('EXCHANGING')
    on.system.lines.database.heal()
    await expectConnectedOnce(attemptId)
  })

  it.each([beforeTheCode, ...steps])('F62: with %s, which it never hears: it completes by itself', async (_, when) => {
    const { callback, attemptId } = await allowed()
    on.system.lines.database.set({ kind: 'reset', when, times: 2 })
    await open(on.person.browser, callback)
    await expectConnectedOnce(attemptId)
    expect(on.system.lines.database.strikes).toBe(2)
  })
})

describe('what it has done is not heard of', () => {
  it.each(steps)('F64: %s: it completes by itself, once', async (_, when) => {
    const { callback, attemptId } = await allowed()
    on.system.lines.database.set({ kind: 'reset_answer', when, times: 1 })
    await open(on.person.browser, callback)
    await expectConnectedOnce(attemptId)
    expect(on.system.lines.database.strikes).toBe(1)
  })

  it.each(steps)(
    'F64: %s, and the connection is closed without a word: it completes by itself, once',
    async (_, when) => {
      const { callback, attemptId } = await allowed()
      on.system.lines.database.set({ kind: 'limit', bytes: 0, when, times: 1 })
      await open(on.person.browser, callback)
      await expectConnectedOnce(attemptId)
      expect(on.system.lines.database.strikes).toBe(1)
    },
  )

  it('F64: the start: 503 and no cookie; the attempt that nobody can finish harms nothing', async () => {
    on.system.lines.database.set({ kind: 'reset_answer', when: `${started}[^]*COMMIT`, times: 1 })
    await expect(on.person.client.pms.startConnection.mutate()).rejects.toMatchObject(unavailable)
    expect(on.person.browser.cookies('localhost')).toEqual([])
    const { accountId } = await on.person.client.account.current.query()
    expect(await events({ accountId })).toEqual(['STARTED'])
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
  })

  it('F64: the claim: it is over when its lease is, with one audit event, and no code was spent', async () => {
    const { callback, attemptId } = await allowed()
    on.system.lines.database.set({ kind: 'reset_answer', when: `${claimed}[^]*COMMIT`, times: 1 })
    expect((await open(on.person.browser, callback)).path).toBe(tryAgain(attemptId))
    expect((await open(on.person.browser, callback)).path).toBe(
      `/agent/setup/pms?status=connecting&attempt=${attemptId}`,
    )
    await on.system.db
      .$executeRaw`UPDATE pms_connection_attempts SET "leaseUntil" = now() WHERE id = ${attemptId}::uuid`
    await on.system.watch(attemptId)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await events({ attemptId })).toEqual(['STARTED', 'AUTHORIZED', 'FAILED'])
    await expectUnspent()
  })

  it('F64: that the code may be sent: it is not, for nobody knows who said so', async () => {
    const { callback, attemptId } = await allowed()
    on.system.lines.database.set({ kind: 'reset_answer', when: beforeTheCode[1], times: 1 })
    await open(on.person.browser, callback)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await events({ attemptId })).toEqual(['STARTED', 'AUTHORIZED', 'FAILED'])
    await expectUnspent()
  })

  it('F64: a refresh, the new keys: saved once, and nothing is revoked', async () => {
    await connect(on.person)
    const before = await row()
    await on.system.makeDue(before)
    on.system.lines.database.set({ kind: 'reset_answer', when: 'WITH saved[^]*COMMIT', times: 1 })
    expect(await on.system.refreshKeys(before.id)).toBe('refreshed')
    expect(on.system.lines.database.strikes).toBe(1)
    const after = await row()
    expect(after).toMatchObject({ generation: before.generation + 1, status: 'ACTIVE', leaseUntil: null })
    expect(await on.system.currentVersion(after)).toBe(after.secretVersionId)
    expect((await events({ accountId: before.accountId })).slice(-2)).toEqual(['CONNECTED', 'REFRESHED'])
    const { requestKey, deleteRequestKey, deleteRefreshKey } = on.system.sikka.calls
    expect([requestKey.refresh_key, deleteRequestKey, deleteRefreshKey]).toEqual([1, 0, 0])
  })
})
