import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startConnected, type Connected } from './harness/connected.ts'
import { connect } from './harness/visit.ts'

let t: Connected

beforeAll(async () => {
  t = await startConnected()
})
afterAll(() => t.stop())
beforeEach(() => t.begin())

describe('keys of another office', () => {
  it('in the answer to a refresh are never stored; the next refresh is made with the secret key', async () => {
    await t.system.makeDue(await t.row())
    const [before, keys] = [await t.row(), await t.keys()]
    t.witness.alter(({ answer }) => ({ ...answer, issued_to: 'D00002' }))
    await expect(t.system.refreshKeys(before.id)).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    // Both grants: the refresh key has died of the first try.
    await expect(t.system.refreshKeys(before.id)).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    expect(t.grants()).toMatchObject({ refresh_key: 2, request_key: 1 })
    expect(await t.row()).toMatchObject({ ...before, leaseToken: before.leaseToken + 2 })
    expect(await t.keys()).toEqual(keys)
    expect(await t.secrets.versions(before)).toEqual([before.secretVersionId])
    t.witness.alter()
    expect(await t.refresh()).toBe('refreshed')
    expect(await t.keys()).toMatchObject({ officeId: 'D00001' })
  })

  it('by a mixed-up refresh key are never stored either', async () => {
    const other = await t.system.newPerson()
    await connect(other, 'D00002')
    const ours = await t.system.db.pmsIntegration.findFirstOrThrow({ where: { officeId: 'D00001' } })
    const theirs = await t.system.db.pmsIntegration.findFirstOrThrow({ where: { officeId: 'D00002' } })
    const { refreshKey } = await t.secrets.read(theirs, theirs.secretVersionId)
    const keys = await t.secrets.read(ours, ours.secretVersionId)
    const mixedUp = await t.secrets.put(ours, JSON.stringify({ ...keys, refreshKey }), 'AWSCURRENT')
    await t.system.db.pmsIntegration.update({ where: { id: ours.id }, data: { secretVersionId: mixedUp } })

    const refreshOf = async ({ id }: { id: string }) => {
      await t.system.makeDue({ id })
      return t.system.refreshKeys(id)
    }
    await expect(refreshOf(ours)).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    expect(await t.secrets.versions(ours)).toHaveLength(2)
    // Each comes to its own again without its user.
    for (const each of [ours, theirs]) {
      expect(await refreshOf(each)).toBe('refreshed')
      const { secretVersionId, officeId } = await t.system.db.pmsIntegration.findUniqueOrThrow({
        where: { id: each.id },
      })
      expect(await t.secrets.read(each, secretVersionId)).toMatchObject({ officeId })
    }
  })

  it('are taken where Sikka does not say whose they are', async () => {
    t.witness.alter(({ answer }) => ({ ...answer, issued_to: undefined }))
    expect(await t.refresh()).toBe('refreshed')
  })
})

describe('a key that is over while the practice is being looked up (API1025, HTTP 400)', () => {
  const again = () => connect(t.person)

  it('is refreshed once, and the look-up made once more; what is stored is the new one', async () => {
    t.system.sikka.setScenario({ practicesError: 'API1025', errorFor: 'first_call' })
    expect((await again()).outcome).toMatchObject({ status: 'connected' })
    expect(t.grants()).toMatchObject({ authorization_code: 1, refresh_key: 1, request_key: 0 })
    expect(t.system.sikka.calls.authorizedPractices).toBe(2)
    const { requestKey, refreshKey } = await t.keys()
    expect(t.witness.living().slice(-2)).toEqual([requestKey, refreshKey])
    // Its life begins when it was got, whatever the first one's was to be.
    const { connectedAt, tokenExpiresAt } = await t.row()
    const life = (tokenExpiresAt.getTime() - connectedAt.getTime()) / 1000
    expect(life).toBeGreaterThan(86_390)
    expect(life).toBeLessThanOrEqual(86_400)
    expect(await t.refresh()).toBe('refreshed')
    expect(t.grants()).toMatchObject({ refresh_key: 2, request_key: 0 })
  })

  it('keeps its refresh key where the refresh returns none', async () => {
    t.system.sikka.setScenario({ practicesError: 'API1025', errorFor: 'first_call' })
    t.witness.alter(({ grant, answer: { refresh_key: key, ...answer } }) =>
      grant === 'refresh_key' ? answer : { ...answer, refresh_key: key },
    )
    expect((await again()).outcome).toMatchObject({ status: 'connected' })
    expect(await t.keys()).toMatchObject({ refreshKey: expect.any(String) })
  })

  it('is refreshed once only: one that is over again ends the attempt, and no key of it is left', async () => {
    const before = await t.row()
    const living = t.witness.living()
    t.system.sikka.setScenario({ practicesError: 'API1025' })
    expect((await again()).outcome).toMatchObject({ status: 'failed' })
    expect(t.grants()).toMatchObject({ authorization_code: 1, refresh_key: 1 })
    expect(t.system.sikka.calls.authorizedPractices).toBe(2)
    expect(await t.row()).toEqual(before)
    await t.system.finishWork()
    const [overKey, ...others] = t.witness.living().filter((key) => !living.includes(key))
    expect([overKey, others]).toEqual([expect.stringContaining('requestkey'), []])
  })

  it('and whose refresh is answered with keys of another office stores none of them', async () => {
    const before = await t.row()
    t.system.sikka.setScenario({ practicesError: 'API1025', errorFor: 'first_call', list: 'application' })
    t.witness.alter(({ grant, answer }) => (grant === 'refresh_key' ? { ...answer, issued_to: 'D00002' } : answer))
    expect((await again()).outcome).toMatchObject({ status: 'failed', errorCode: 'BAD_RESPONSE' })
    expect(await t.row()).toEqual(before)
  })
})
