import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startConnected, type Connected } from './harness/connected.ts'
import { connect } from './harness/visit.ts'

let t: Connected

beforeAll(async () => {
  t = await startConnected()
})
afterAll(() => t.stop())
beforeEach(() => t.begin())

const disconnect = () => t.person.client.pms.disconnect.mutate()
const waitsForDeletion = async () => t.secrets.isDeleting(await t.row())

/** A refresh that has come so far. @returns what becomes of it once the line is healed */
async function refreshUntil(line: 'sikka' | 'secretsManager', kind: 'hang' | 'hang_answer', when: string) {
  const { id } = await t.row()
  await t.system.makeDue({ id })
  t.system.lines[line].set({ kind, when, times: 1 })
  const refresh = t.system.refreshKeys(id)
  // Whoever waits for it hears of its failure; until then nobody does.
  refresh.catch(() => undefined)
  await t.system.lines[line].struck()
  return async () => {
    t.system.lines[line].heal()
    return refresh
  }
}

const stages = [
  ['while Sikka makes its keys', 'sikka', 'hang_answer', 'POST /v4/request_key'],
  ['before its keys are written', 'secretsManager', 'hang', 'PutSecretValue'],
  ['as its keys are written', 'secretsManager', 'hang_answer', 'PutSecretValue'],
] as const

describe('a reconnect during a refresh', () => {
  it.each(stages)('F99: %s wins; what the refresh got is revoked', async (_, line, kind, when) => {
    const { requestKey: firstKey } = await t.keys()
    const goOn = await refreshUntil(line, kind, when)
    expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected' })
    const consent = await t.row()
    const consentKeys = await t.keys()
    expect(await goOn()).toBe('superseded')
    expect(await t.row()).toEqual(consent)
    await t.system.until(async () => (await t.system.currentVersion(consent)) === consent.secretVersionId)
    // Nothing moves it afterwards.
    await t.system.finishWork()
    expect(await t.system.currentVersion(consent)).toBe(consent.secretVersionId)
    expect(await t.keys()).toEqual(consentKeys)
    // Of the keys before, the request key lives until its end: somebody may still work with it.
    const { requestKey, refreshKey } = consentKeys
    expect(new Set(t.witness.living())).toEqual(new Set([firstKey, requestKey, refreshKey]))

    await t.system.makeDue(consent)
    expect(await t.system.refreshKeys(consent.id)).toBe('refreshed')
    expect(t.system.sikka.calls.requestKey).toMatchObject({ refresh_key: 2, request_key: 0 })
  })

  it('F99, C39: wins also over a refresh whose keys Sikka refuses for good', async () => {
    t.system.sikka.setScenario({ refreshError: 'API2007', secretKeyError: 'API2007' })
    const goOn = await refreshUntil('sikka', 'hang_answer', 'POST /v4/request_key')
    expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected' })
    const consent = await t.row()
    expect(await goOn()).toBe('superseded')
    expect(await t.row()).toEqual(consent)
    expect(await t.system.db.pmsAuditEvent.count({ where: { event: 'RECONNECT_REQUIRED' } })).toBe(0)
  })
})

describe('a disconnect during a refresh', () => {
  it.each(stages)('F100: %s holds: no secret comes back, and every key is revoked', async (_, line, kind, when) => {
    const goOn = await refreshUntil(line, kind, when)
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    await t.system.until(waitsForDeletion)
    const after = await t.row()
    expect(await goOn()).toBe('superseded')
    expect(await t.row()).toEqual(after)
    expect(after).toMatchObject({ status: 'INACTIVE', refreshDueAt: null })
    await t.system.until(async () => t.witness.living().length === 0)
    await t.system.finishWork()
    expect(await waitsForDeletion()).toBe(true)
    expect(await t.system.secretNames()).toEqual([])
    expect(await t.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
  })

  it('F100: what Sikka does not revoke at first is revoked later', async () => {
    const goOn = await refreshUntil('secretsManager', 'hang', 'PutSecretValue')
    await disconnect()
    await t.system.until(waitsForDeletion)
    expect(t.witness.living()).toHaveLength(2)
    t.system.sikka.setScenario({ revocationError: 'API2006' })
    expect(await goOn()).toBe('superseded')
    expect(t.witness.living()).toHaveLength(2)
    t.system.sikka.resetScenario()
    await t.system.until(async () => t.witness.living().length === 0)
    // And what was kept for it until then is gone.
    await t.system.until(async () => (await t.system.secretNames()).length === 0)
  })
})
