import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startConnected, type Connected } from './harness/connected.ts'
import { alarmsIn } from './harness/log-lines.ts'
import { connect } from './harness/visit.ts'

let t: Connected

beforeAll(async () => {
  t = await startConnected()
})
afterAll(() => t.stop())
beforeEach(() => t.begin())

const reconnectEvents = async () =>
  t.system.db.pmsAuditEvent.count({ where: { accountId: (await t.row()).accountId, event: 'RECONNECT_REQUIRED' } })

/** All of the row but who works on it. */
async function connection() {
  const { leaseToken: _, leaseUntil, ...rest } = await t.row()
  expect(leaseUntil).toBeNull()
  return rest
}

/** A failed refresh: the row is as it was, with keys that are still due. */
async function refreshInVain(code: string): Promise<void> {
  await t.system.makeDue(await t.row())
  const [before, keysBefore] = [await connection(), await t.keys()]
  await expect(t.system.refreshKeys(before.id)).rejects.toMatchObject({ name: 'ConnectionFailure', code })
  expect(await connection()).toEqual(before)
  expect(await t.keys()).toEqual(keysBefore)
  expect(await t.status()).toMatchObject({ status: 'connected', isConnected: true })
  expect(await reconnectEvents()).toBe(0)
}

describe('when both grants are refused', () => {
  it('F97: the user is asked to connect again, once and with one alarm; the keys stay, and connecting cures it', async () => {
    const [before, keysBefore] = [await t.row(), await t.keys()]
    t.system.sikka.setScenario({ authorization: 'withdrawn' })
    expect(await t.refresh()).toBe('reconnect')
    expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 1 })
    expect(t.system.log.join('')).toContain('the practice has to be connected again')
    const failed = await t.row()
    expect(failed).toMatchObject({ status: 'ERROR', lastError: 'RECONNECT_REQUIRED', refreshDueAt: null })
    expect(failed.secretVersionId).toBe(before.secretVersionId)
    expect(await t.keys()).toEqual(keysBefore)
    expect(await t.status()).toMatchObject({
      isConnected: false,
      status: 'failed',
      errorCode: 'RECONNECT_REQUIRED',
      practiceName: 'Happy Dental Clinic',
    })
    // It is over with, however often somebody looks.
    expect(await t.system.refreshKeys(failed.id)).toBe('idle')
    await t.system.sweep()
    expect(await reconnectEvents()).toBe(1)
    expect(alarmsIn(t.system.log)).toEqual([
      expect.objectContaining({ errorCode: 'RECONNECT_REQUIRED', accountId: failed.accountId }),
    ])
    expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 1 })

    t.system.sikka.resetScenario()
    expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected', isConnected: true })
    expect(await t.row()).toMatchObject({ id: failed.id, status: 'ACTIVE', lastError: null })
    expect(await t.refresh()).toBe('refreshed')
  })

  it.each([
    ['API2018', 'API2018'],
    ['API1025', 'API2009'],
    ['API2007', 'API2007'],
  ] as const)('F97: %s and %s are both for good', async (refreshError, secretKeyError) => {
    t.system.sikka.setScenario({ refreshError, secretKeyError })
    expect(await t.refresh()).toBe('reconnect')
    expect(await t.row()).toMatchObject({ status: 'ERROR', lastError: 'RECONNECT_REQUIRED' })
  })

  it('C39: it is not for good while nobody knows what became of the first', async () => {
    t.system.sikka.setScenario({ refreshError: 'API2001', secretKeyError: 'API2007' })
    await refreshInVain('PROVIDER_UNAVAILABLE')
    t.system.sikka.resetScenario()
    expect(await t.refresh()).toBe('refreshed')
  })
})

describe('A10: refusals that are ours', () => {
  it.each(['API1020', 'API1026'] as const)(
    'A10: a parameter that is refused (%s) ends no connection',
    async (error) => {
      t.system.sikka.setScenario({ refreshError: error, secretKeyError: error })
      await refreshInVain('CONFIG')
      expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 1 })
      expect(alarmsIn(t.system.log)).toEqual([expect.objectContaining({ errorCode: 'CONFIG' })])
      t.system.sikka.resetScenario()
      expect(await t.refresh()).toBe('refreshed')
    },
  )

  /** Their secret's version holds no keys. */
  const spoil = async (row: { id: string; metadata: unknown }) => {
    const secretVersionId = await t.secrets.put(row, '{}', 'AWSCURRENT')
    await t.system.db.pmsIntegration.update({ where: { id: row.id }, data: { secretVersionId } })
  }
  const withdraw = async () => t.system.sikka.setScenario({ authorization: 'withdrawn' })

  it.each([
    ['are refused (API2007)', 'RECONNECT_REQUIRED', withdraw],
    ['cannot be read', 'KEYS_UNREADABLE', spoil],
  ] as const)('A10: when the keys of many practices %s in a row, no further row ends', async (_, code, lose) => {
    const refresh = async (row: { id: string }) => {
      await t.system.makeDue(row)
      return t.system.refreshKeys(row.id)
    }
    const own = await t.row()
    expect(await refresh(own)).toBe('refreshed')
    const others = []
    for (const officeId of ['D00002', 'D01001', 'D01002', 'D01003', 'D01004', 'D01005']) {
      t.system.sikka.setScenario({ officeId })
      const person = await t.system.newPerson()
      expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
      others.push(await t.system.db.pmsIntegration.findFirstOrThrow({ where: { officeId } }))
    }
    await t.system.finishWork()
    for (const row of others) await lose(row)
    const [sixth] = others.splice(5)
    if (!sixth) throw new Error('Six practices were connected')
    const rowOfSixth = () => t.system.db.pmsIntegration.findUniqueOrThrow({ where: { id: sixth.id } })
    for (const row of others) expect(await refresh(row)).toBe('reconnect')
    t.system.log.length = 0
    await expect(refresh(sixth)).rejects.toMatchObject({ code: 'CONFIG' })
    await expect(refresh(sixth)).rejects.toMatchObject({ code: 'CONFIG' })
    expect(await rowOfSixth()).toMatchObject({ status: 'ACTIVE', lastError: null })
    expect(alarmsIn(t.system.log)).toEqual([1, 2].map(() => expect.objectContaining({ errorCode: 'CONFIG' })))

    // One that is accepted shows that the refusals are the practices' own.
    t.system.sikka.setScenario({ authorization: 'stands' })
    expect(await refresh(own)).toBe('refreshed')
    await lose(sixth)
    expect(await refresh(sixth)).toBe('reconnect')
    expect(await rowOfSixth()).toMatchObject({ status: 'ERROR', lastError: code })
  })
})

describe('changes nothing and recovers', () => {
  it.each(['API2003', 'API2004', 'API1001', 'API1002'] as const)(
    'C40: when our own settings are wrong (%s)',
    async (error) => {
      t.system.sikka.setScenario({ refreshError: error, secretKeyError: error })
      await refreshInVain('CONFIG')
      // Nobody but an operator can mend it.
      expect(alarmsIn(t.system.log)).toEqual([expect.objectContaining({ errorCode: 'CONFIG' })])
      // Also where the refresh key is refused for good, and only the second grant meets our settings.
      t.system.sikka.setScenario({ refreshError: 'API1026' })
      await refreshInVain('CONFIG')
      t.system.sikka.resetScenario()
      expect(await t.refresh()).toBe('refreshed')
    },
  )

  it.each(['API2001', 'API2002', 'API2006', 'API2010', 'API2011', 'API2012', 'API2017', 'API2022'] as const)(
    'C40: while Sikka cannot (%s)',
    async (error) => {
      t.system.sikka.setScenario({ refreshError: error, secretKeyError: error, rateLimitResetSeconds: 0 })
      await refreshInVain('PROVIDER_UNAVAILABLE')
      t.system.sikka.resetScenario()
      expect(await t.refresh()).toBe('refreshed')
    },
  )

  it('C40: while answers have no shape that Sikka has', async () => {
    for (const errorShape of ['html', 'empty'] as const) {
      t.system.sikka.setScenario({ refreshError: 'API2009', secretKeyError: 'API2009', errorShape })
      await refreshInVain('BAD_RESPONSE')
    }
    t.system.sikka.resetScenario()
    expect(await t.refresh()).toBe('refreshed')
  })
})
