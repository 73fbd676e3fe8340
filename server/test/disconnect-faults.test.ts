import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startConnected, type Connected } from './harness/connected.ts'
import { jobsAreDone } from './harness/jobs.ts'
import { alarmsIn } from './harness/log-lines.ts'
import { connect } from './harness/visit.ts'

let t: Connected

beforeAll(async () => {
  t = await startConnected()
})
afterAll(() => t.stop())
beforeEach(() => t.begin())

const waitsForDeletion = async () => t.secrets.isDeleting(await t.row())
const revocations = () => t.system.sikka.calls.deleteRequestKey + t.system.sikka.calls.deleteRefreshKey

/** INACTIVE at once, whatever comes after it. */
async function disconnect(): Promise<void> {
  expect(await t.person.client.pms.disconnect.mutate()).toMatchObject({ isConnected: false, status: 'pending' })
  expect(await t.row()).toMatchObject({ status: 'INACTIVE', refreshDueAt: null })
}

/** Waits until the secret waits for its deletion. @returns the keys that are not revoked then */
async function left(): Promise<string[]> {
  await t.system.until(async () => {
    await t.letJobsCome()
    return waitsForDeletion()
  })
  return t.witness.living()
}

describe('F101: a disconnect', () => {
  it('whose revocation is refused keeps the keys in the secret, to go on trying, and not for ever', async () => {
    t.system.sikka.setScenario({ revocationError: 'API2010' })
    await disconnect()
    await t.system.until(async () => revocations() >= 4)
    expect(await waitsForDeletion()).toBe(false)
    expect(t.witness.living()).toHaveLength(2)
    expect(alarmsIn(t.system.log)).toEqual([])

    // Days later. pg-boss takes no result of a job whose count was changed meanwhile.
    await t.system.until(async () => {
      await t.system.db.$executeRaw`
        UPDATE pgboss.job SET retry_count = 460, start_after = now()
        WHERE name = 'settle-secret' AND state = 'retry' AND start_after > now()`
      return waitsForDeletion()
    })
    const alarms = new Set(alarmsIn(t.system.log).map(({ msg }) => msg))
    expect(alarms).toEqual(new Set(['keys of a disconnected practice could not be revoked']))
  })

  it('whose revocation is refused for a while comes to its end by itself', async () => {
    t.system.sikka.setScenario({ revocationError: 'API2010' })
    await disconnect()
    await t.system.until(async () => revocations() >= 2)
    t.system.sikka.resetScenario()
    expect(await left()).toEqual([])
  })

  it('whose revocation nobody answers is made again', async () => {
    t.system.lines.sikka.set({ kind: 'reset', when: 'DELETE /v4/re', times: 2 })
    await disconnect()
    expect(await left()).toEqual([])
  })

  it('whose secret cannot be deleted at first is made again', async () => {
    t.system.secretsManager.fail({ operation: 'DeleteSecret', error: 'InternalServiceError', times: 3 })
    await disconnect()
    expect(await left()).toEqual([])
    expect(t.system.secretsManager.calls()['DeleteSecret']).toBeGreaterThan(3)
  })

  it('whose keys were edited into something unreadable schedules the deletion all the same', async () => {
    await t.secrets.put(await t.row(), 'edited by hand', 'AWSPENDING')
    await disconnect()
    expect(await left()).toEqual([])
    expect(alarmsIn(t.system.log)).toHaveLength(1)
  })

  it('whose revocation takes its time leaves the secret of a consent that comes meanwhile alone', async () => {
    const deletions = () => t.system.secretsManager.calls()['DeleteSecret']
    const before = deletions()
    t.system.lines.sikka.set({ kind: 'hang', when: 'DELETE /v4/re', times: 1 })
    await disconnect()
    await t.system.lines.sikka.struck()
    expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected' })
    const inUse = await t.row()
    t.system.lines.sikka.heal()
    await jobsAreDone(t.system, 'settle-secret')
    expect(deletions()).toBe(before)
    expect(await t.system.currentVersion(inUse)).toBe(inUse.secretVersionId)
  })

  it.each(['D00001', 'D00002'])(
    'before a new consent for %s leaves no key of the old one, though late',
    async (office) => {
      const old = t.witness.living()
      t.system.sikka.setScenario({ revocationError: 'API2010' })
      await disconnect()
      await t.system.until(async () => revocations() >= 2)
      expect((await connect(t.person, office)).outcome).toMatchObject({ status: 'connected' })
      t.system.sikka.resetScenario()
      await t.system.until(async () => {
        await t.letJobsCome()
        return !t.witness.living().some((key) => old.includes(key))
      })
      const { requestKey, refreshKey } = await t.secrets.read(await t.row(), (await t.row()).secretVersionId)
      expect(t.witness.living()).toEqual([requestKey, refreshKey])
      expect(await waitsForDeletion()).toBe(false)
    },
  )
})
