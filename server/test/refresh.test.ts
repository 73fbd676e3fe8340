import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Scenario } from '../sandbox/sikka/scenario.ts'
import { leaseForRefresh } from '../src/store/refresh.ts'
import { startConnected, type Connected } from './harness/connected.ts'
import { connect } from './harness/visit.ts'

let t: Connected

beforeAll(async () => {
  t = await startConnected()
})
afterAll(() => t.stop())
beforeEach(() => t.begin())

const refreshes = async () =>
  t.system.db.pmsAuditEvent.count({ where: { accountId: (await t.row()).accountId, event: 'REFRESHED' } })

describe('a refresh', () => {
  it('I1: stores new keys as a new version, which the row and then AWSCURRENT point to', async () => {
    const [before, keysBefore] = [await t.row(), await t.keys()]
    expect(await t.refresh()).toBe('refreshed')
    const after = await t.row()
    expect(after).toMatchObject({ status: 'ACTIVE', officeId: before.officeId, leaseUntil: null, lastError: null })
    expect(after.generation).toBe(before.generation + 1)
    expect(after.secretVersionId).not.toBe(before.secretVersionId)
    expect(await t.system.currentVersion(after)).toBe(after.secretVersionId)
    const keysAfter = await t.keys()
    const key: unknown = expect.stringMatching(/^re(quest|fresh)keydemo\d+$/)
    const tokenExpiry = after.tokenExpiresAt.toISOString()
    expect(keysAfter).toEqual({ ...keysBefore, requestKey: key, refreshKey: key, tokenExpiry })
    expect(keysAfter['requestKey']).not.toBe(keysBefore['requestKey'])
    expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 0, authorization_code: 0 })
    expect(await refreshes()).toBe(1)
    expect((await t.person.client.pms.history.query()).events[0]).toMatchObject({ event: 'refreshed' })
    expect(await t.status()).toMatchObject({ status: 'connected' })
  })

  it('is not made before it is due, nor once more after it', async () => {
    expect(await t.system.refreshKeys((await t.row()).id)).toBe('idle')
    expect(t.grants().refresh_key).toBe(0)
    expect(await t.refresh()).toBe('refreshed')
    expect(await t.system.refreshKeys((await t.row()).id)).toBe('idle')
    expect(t.grants().refresh_key).toBe(1)
  })

  it('comes by itself when it is due, by the job that was sent with the keys', async () => {
    const { id, generation } = await t.row()
    await t.system.makeDue({ id })
    await t.system.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE name = 'refresh-keys'`
    await t.system.until(async () => (await t.row()).generation > generation)
    expect(await refreshes()).toBe(1)
    // And the next one is there already, after the end of three quarters of a day.
    const next = await t.system.db.$queryRaw<{ hours: number }[]>`
      SELECT EXTRACT(epoch FROM start_after - now())::float / 3600 AS hours FROM pgboss.job
      WHERE name = 'refresh-keys' AND state = 'created'`
    expect(next).toHaveLength(1)
    expect(next[0]?.hours).toBeGreaterThan(17.9)
    expect(next[0]?.hours).toBeLessThan(20.5)
  })

  it('AT13, F93, C38: 50 at once are one, and all of them learn of it', async () => {
    const { id } = await t.row()
    await t.system.makeDue({ id })
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => t.system.refreshKeys(id)))
    expect(new Set(outcomes)).toEqual(new Set(['refreshed']))
    expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 0 })
    expect(await refreshes()).toBe(1)
  })

  it('F93, C38: of 50 that ask the database for it at once, one gets it', async () => {
    const { id } = await t.row()
    await t.system.makeDue({ id })
    const leases = await Promise.all(Array.from({ length: 50 }, () => leaseForRefresh(t.system, id)))
    expect(leases.filter(Boolean)).toEqual([expect.objectContaining({ id, officeId: 'D00001' })])
  })

  it('is left to the server that makes it, until that has died', async () => {
    const { id } = await t.row()
    await t.system.makeDue({ id })
    await leaseForRefresh(t.system, id)
    expect(await t.system.refreshKeys(id)).toBe('idle')
    // The job is retried.
    const jobIsDue = () =>
      t.system.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE name = 'refresh-keys'`
    const retried = () => t.system.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pgboss.job WHERE name = 'refresh-keys' AND state = 'retry'`
    await jobIsDue()
    await t.system.until(async () => (await retried()).length === 1)
    expect(t.grants().refresh_key).toBe(0)
    await t.system.db.$executeRaw`UPDATE pms_integrations SET "leaseUntil" = now() WHERE id = ${id}::uuid`
    await jobIsDue()
    await t.system.until(async () => t.grants().refresh_key === 1)
  })
})

describe('the refresh key', () => {
  it.each([
    ['is the one returned, the old one being dead', { refreshKey: 'rotates', oldRefreshKey: 'dies' }, false],
    ['is the one returned, also while the old one lives', { refreshKey: 'rotates', oldRefreshKey: 'lives' }, false],
    ['is the same where Sikka returns the same', { refreshKey: 'stays' }, true],
    ['is kept where none is returned', { refreshKey: 'missing' }, true],
  ] as const)('I9: %s, and good for the next refresh', async (_, scenario, isSame) => {
    t.system.sikka.setScenario(scenario)
    for (const times of [1, 2, 3]) {
      const { refreshKey: before } = await t.keys()
      expect(await t.refresh()).toBe('refreshed')
      const { refreshKey: after } = await t.keys()
      expect(after).toEqual(expect.any(String))
      expect(after === before).toBe(isSame)
      expect(t.grants()).toMatchObject({ refresh_key: times, request_key: 0 })
    }
  })

  it.each([
    ['F96: is over (API1025)', { refreshError: 'API1025' }],
    ['F96: is unknown (API1026)', { refreshError: 'API1026' }],
    ['F96: is gone (API2018)', { refreshError: 'API2018' }],
    ['F96: is refused in the words of OAuth', { refreshError: 'API1026', errorShape: 'oauth' }],
    ['F95: is nobody knows what, after an answer without keys', { refreshError: 'API2001' }],
  ] satisfies [string, Partial<Scenario>][])(
    '%s, so the secret key gets new keys without the user',
    async (_, scenario) => {
      const before = await t.keys()
      t.system.sikka.setScenario(scenario)
      expect(await t.refresh()).toBe('refreshed')
      expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 1 })
      expect((await t.keys())['requestKey']).not.toBe(before['requestKey'])
      expect(await t.status()).toMatchObject({ status: 'connected' })
      // What was stored is whole: the next refresh needs no secret key.
      t.system.sikka.resetScenario()
      expect(await t.refresh()).toBe('refreshed')
      expect(t.grants()).toMatchObject({ refresh_key: 2, request_key: 1 })
    },
  )

  it('F95: that was spent without an answer is not sent again; the secret key gets new ones', async () => {
    t.system.lines.sikka.set({ kind: 'reset_answer', when: 'POST /v4/request_key', times: 1 })
    expect(await t.refresh()).toBe('refreshed')
    expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 1 })
    expect(await t.refresh()).toBe('refreshed')
    expect(t.grants()).toMatchObject({ refresh_key: 2, request_key: 1 })
  })

  it('was never given: the secret key gets new keys', async () => {
    await t.person.client.pms.disconnect.mutate()
    // A deletion that is on its way when a new consent comes is taken back a moment later; it is not what is tested here.
    await t.system.until(async () => t.secrets.isDeleting(await t.row()))
    t.system.sikka.setScenario({ refreshKey: 'missing' })
    await connect(t.person)
    expect(await t.keys()).toMatchObject({ refreshKey: null })
    t.system.sikka.resetCalls()
    t.system.sikka.resetScenario()
    expect(await t.refresh()).toBe('refreshed')
    expect(t.grants()).toMatchObject({ refresh_key: 0, request_key: 1 })
    expect(await t.keys()).toMatchObject({ refreshKey: expect.any(String) })
  })
})
