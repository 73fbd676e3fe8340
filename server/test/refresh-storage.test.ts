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

/** The row's keys are no longer there to be read: the practice has to be connected again, and can be. */
async function expectUnreadable(): Promise<void> {
  expect(await t.row()).toMatchObject({ status: 'ERROR', lastError: 'KEYS_UNREADABLE', refreshDueAt: null })
  expect(await t.status()).toMatchObject({ status: 'failed', errorCode: 'KEYS_UNREADABLE' })
  expect(t.grants()).toMatchObject({ refresh_key: 0, request_key: 0 })
  expect(alarmsIn(t.system.log)).toHaveLength(1)
  const { accountId } = await t.row()
  const events = await t.system.db.pmsAuditEvent.findMany({ where: { accountId, event: 'RECONNECT_REQUIRED' } })
  expect(events.map(({ code }) => code)).toEqual(['KEYS_UNREADABLE'])
  expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected' })
  expect(await t.refresh()).toBe('refreshed')
}

/** A person has edited the version that the row points to; a version's text is for ever, so the row is moved instead. */
async function edit(text: string): Promise<void> {
  const secretVersionId = await t.secrets.put(await t.row(), text, 'AWSCURRENT')
  await t.system.db.pmsIntegration.updateMany({ data: { secretVersionId } })
}

describe('keys that somebody has edited', () => {
  it.each([
    ['no JSON', () => '{ "officeId": "D00001", '],
    ['no keys', () => '{}'],
    ['a key of another type', (keys: object) => JSON.stringify({ ...keys, refreshKey: 7 })],
    ['an empty secret key', (keys: object) => JSON.stringify({ ...keys, secretKey: '' })],
    ['a time that is none', (keys: object) => JSON.stringify({ ...keys, tokenExpiry: 'tomorrow' })],
    ['the keys of another office', (keys: object) => JSON.stringify({ ...keys, officeId: 'D00002' })],
  ] as const)('F58: %s: the row is in ERROR, nothing is sent, and connecting cures it', async (_, textOf) => {
    await edit(textOf(await t.keys()))
    expect(await t.refresh()).toBe('reconnect')
    await expectUnreadable()
  })

  it('F58: with a field more are read, and the field is dropped', async () => {
    const keys = await t.keys()
    await edit(JSON.stringify({ ...keys, note: 'demo' }))
    expect(await t.refresh()).toBe('refreshed')
    expect(Object.keys(await t.keys())).toEqual(Object.keys(keys))
  })

  it('F58: as a version of their own, current but bad, change nothing: the row’s version is put back', async () => {
    const before = await t.row()
    const bad = await t.secrets.put(before, 'edited by hand', 'AWSCURRENT')
    expect(await t.system.currentVersion(before)).toBe(bad)
    expect(await t.refresh()).toBe('refreshed')
    const after = await t.row()
    expect(after.status).toBe('ACTIVE')
    expect(await t.system.currentVersion(after)).toBe(after.secretVersionId)
  })

  it('S11: in a secret that was deleted for good are looked for again, for six hours; then the user is told', async () => {
    await t.secrets.destroy(await t.row())
    for (let look = 0; look < 3; look++) {
      await expect(t.refresh()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    }
    expect(alarmsIn(t.system.log), 'one line, whatever the number of looks').toHaveLength(1)
    expect(await t.row()).toMatchObject({ status: 'ACTIVE', keysMissingSince: expect.any(Date) })
    expect(await t.status()).toMatchObject({ status: 'connected' })
    await t.system.db.$executeRaw`
      UPDATE pms_integrations SET "keysMissingSince" = now() - interval '6 hours 1 second'`
    t.system.log.length = 0
    expect(await t.refresh()).toBe('reconnect')
    await expectUnreadable()
    expect(await t.row()).toMatchObject({ keysMissingSince: null })
  })

  it('S11: in a version that is not found for a while are refreshed when it is', async () => {
    t.system.secretsManager.fail({ operation: 'GetSecretValue', error: 'ResourceNotFoundException' })
    await expect(t.refresh()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    t.system.secretsManager.heal()
    // Found, and not refreshed for another reason: the hours begin anew the next time.
    t.system.sikka.setScenario({ refreshError: 'API2001', secretKeyError: 'API2001' })
    await expect(t.refresh()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
    expect(await t.row()).toMatchObject({ status: 'ACTIVE', keysMissingSince: null })
    t.system.sikka.resetScenario()
    expect(await t.refresh()).toBe('refreshed')
  })

  it('S11: in another region than ours are our alarm, however long, and refreshed once that is mended', async () => {
    const { metadata } = await t.row()
    const { secretArn, ...names } = metadata as { secretArn: string }
    const move = (to: string) =>
      t.system.db.pmsIntegration.updateMany({ data: { metadata: { ...names, secretArn: to } } })
    await move(secretArn.replace('us-east-1', 'eu-west-1'))
    for (let look = 0; look < 3; look++) await expect(t.refresh()).rejects.toMatchObject({ code: 'CONFIG' })
    expect(await t.row()).toMatchObject({ status: 'ACTIVE', keysMissingSince: null })
    expect(t.grants()).toMatchObject({ refresh_key: 0, request_key: 0 })
    expect(alarmsIn(t.system.log).length).toBeGreaterThan(0)
    await move(secretArn)
    expect(await t.refresh()).toBe('refreshed')
  })

  it('I1: in a secret that waits for its deletion, though in use, are brought back and refreshed', async () => {
    await t.secrets.scheduleDeletion(await t.row())
    expect(await t.refresh()).toBe('refreshed')
    expect(await t.secrets.isDeleting(await t.row())).toBe(false)
    expect(await t.system.currentVersion(await t.row())).toBe((await t.row()).secretVersionId)
  })
})

describe('Secrets Manager', () => {
  it.each([
    ['throttles', 'ThrottlingException', 'STORAGE_UNAVAILABLE'],
    ['refuses us', 'AccessDeniedException', 'CONFIG'],
    ['fails', 'InternalServiceError', 'STORAGE_UNAVAILABLE'],
  ] as const)('C40: that %s where keys are read changes nothing, and Sikka is not asked', async (_, error, code) => {
    await t.system.makeDue(await t.row())
    const before = await t.row()
    t.system.secretsManager.fail({ operation: 'GetSecretValue', error })
    await expect(t.system.refreshKeys(before.id)).rejects.toMatchObject({ code })
    expect(t.grants()).toMatchObject({ refresh_key: 0, request_key: 0 })
    expect(await t.row()).toMatchObject({ ...before, leaseToken: before.leaseToken + 1 })
    expect(await t.status()).toMatchObject({ status: 'connected' })
    t.system.secretsManager.heal()
    expect(await t.refresh()).toBe('refreshed')
  })

  it.each([
    ['AccessDeniedException', 'CONFIG'],
    ['LimitExceededException', 'CONFIG'],
  ] as const)(
    'F95, F59: that takes no new keys (%s) costs them; they are revoked, and the secret key gets others',
    async (error, code) => {
      await t.system.makeDue(await t.row())
      const [before, keys] = [await t.row(), await t.keys()]
      t.system.secretsManager.fail({ operation: 'PutSecretValue', error })
      await expect(t.system.refreshKeys(before.id)).rejects.toMatchObject({ code })
      expect(await t.row()).toMatchObject({ ...before, leaseToken: before.leaseToken + 1 })
      expect(await t.keys()).toEqual(keys)
      expect(await t.status()).toMatchObject({ status: 'connected' })
      expect(t.witness.living()).toEqual([keys['requestKey']])

      t.system.secretsManager.heal()
      t.system.sikka.resetCalls()
      expect(await t.refresh()).toBe('refreshed')
      expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 1 })
      const { requestKey, refreshKey } = await t.keys()
      expect(t.witness.living()).toEqual([keys['requestKey'], requestKey, refreshKey])
    },
  )

  it('F95: that takes them late is waited for: they exist nowhere else', async () => {
    t.system.secretsManager.fail({ operation: 'PutSecretValue', error: 'ThrottlingException', times: 4 })
    expect(await t.refresh()).toBe('refreshed')
    expect(t.grants()).toMatchObject({ refresh_key: 1, request_key: 0 })
  })

  it('F53: that has stored them and loses the answer gets one version', async () => {
    const before = await t.secrets.versions(await t.row())
    t.system.lines.secretsManager.set({ kind: 'reset_answer', when: 'PutSecretValue', times: 1 })
    expect(await t.refresh()).toBe('refreshed')
    expect(await t.secrets.versions(await t.row())).toEqual([...before, (await t.row()).secretVersionId])
  })

  it('I10: has a version for each consent and refresh, and no more', async () => {
    for (let times = 0; times < 3; times++) expect(await t.refresh()).toBe('refreshed')
    await connect(t.person)
    expect(await t.secrets.versions(await t.row())).toHaveLength(5)
  })

  it('C30: that does not move AWSCURRENT at first is asked again by the job, until readers get the row’s keys', async () => {
    const before = await t.row()
    // The job that the connection has sent would do it as well.
    await t.system.db.$executeRaw`DELETE FROM pgboss.job WHERE name = 'settle-secret'`
    t.system.secretsManager.fail({ operation: 'UpdateSecretVersionStage', error: 'InternalServiceError' })
    expect(await t.refresh()).toBe('refreshed')
    const after = await t.row()
    expect(await t.system.currentVersion(after)).toBe(before.secretVersionId)
    await t.system.until(async () => t.system.log.some((line) => line.includes('"job":"settle-secret"')))
    t.system.secretsManager.heal()
    await t.system.until(async () => (await t.system.currentVersion(after)) === after.secretVersionId)
  })
})
