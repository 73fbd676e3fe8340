import { describe, expect, it } from 'vitest'
import { violations } from './harness/invariants.ts'
import { stage } from './harness/stage.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()

const revocations = () => on.system.sikka.calls.deleteRequestKey + on.system.sikka.calls.deleteRefreshKey

/** Another server's job, once the lease of the attempt's worker is over, which that one would renew. */
async function takeOver(id: string): Promise<void> {
  const leaseToken = async () =>
    (await on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })).leaseToken
  while ((await leaseToken()) === 1) {
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET "leaseUntil" = now() - interval '1 second' WHERE id = ${id}::uuid`
    await on.system.watch(id)
  }
}

/** An attempt whose secret is written, while its worker waits for the row to become ACTIVE. */
async function leftBeforeActive(): Promise<string> {
  on.system.lines.database.set({ kind: 'hang', when: 'INSERT INTO pms_integrations', times: 1 })
  const { authorizationUrl, attemptId } = await on.person.client.pms.startConnection.mutate()
  await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
  await on.system.lines.database.struck()
  return attemptId
}

describe('an attempt in the hands of another server', () => {
  it('F85: is not cleaned up after by the one that had it before: its keys live', async () => {
    const attemptId = await leftBeforeActive()
    on.system.lines.secretsManager.set({ kind: 'hang', when: 'GetSecretValue', times: 1 })
    const watched = takeOver(attemptId)
    await on.system.lines.secretsManager.struck()
    on.system.lines.database.heal()
    await on.system.until(async () => on.system.log.some((line) => line.includes('practice not connected')))
    await on.system.finishWork()
    expect(revocations()).toBe(0)
    on.system.lines.secretsManager.heal()
    await watched
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
    await on.system.until(async () => (await violations(on.system)).length === 0)
    expect(revocations()).toBe(0)
  })

  it('F46, AT12: whose office has become another account’s is a conflict, and its keys are revoked', async () => {
    await connect(on.person)
    await on.system.db.pmsIntegration.updateMany({ data: { status: 'ERROR', lastError: 'RECONNECT_REQUIRED' } })
    const attemptId = await leftBeforeActive()
    const other = await on.system.newPerson()
    await connect(other, 'D00002')
    await on.system.db.pmsIntegration.updateMany({ where: { officeId: 'D00002' }, data: { officeId: 'D00001' } })
    const { accountId } = await on.person.client.account.current.query()
    const row = await on.system.db.pmsIntegration.findFirstOrThrow({ where: { accountId } })
    await takeOver(attemptId)
    // By this recovery alone: the secret stays, since its row is in use.
    expect(revocations()).toBeGreaterThanOrEqual(2)
    expect(await on.system.db.pmsIntegration.findFirstOrThrow({ where: { accountId } })).toEqual(row)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'CONFLICT' })
  })
})
