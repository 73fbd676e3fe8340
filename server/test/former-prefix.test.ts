import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startConnected, type Connected } from './harness/connected.ts'
import { choose, connect } from './harness/visit.ts'

/** SECRET_NAME_PREFIX was changed while practices were connected: their secrets have names of the former prefix (S10). */
let t: Connected
let aws: SecretsManager

beforeAll(async () => {
  t = await startConnected()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  aws = new SecretsManager({ region: 'us-east-1', endpoint: t.system.secretsManager.origin, credentials })
})
afterAll(() => {
  aws.destroy()
  return t.stop()
})
beforeEach(async () => {
  await t.begin()
  const { id, accountId, metadata, secretVersionId } = await t.row()
  const SecretString = JSON.stringify(await t.keys())
  await t.secrets.destroy({ metadata })
  const former = { Name: `former/${accountId}`, ClientRequestToken: secretVersionId, SecretString }
  const { ARN: secretArn = '' } = await aws.createSecret(former)
  await t.system.db.pmsIntegration.update({
    where: { id },
    data: { metadata: { ...(metadata as Record<string, string>), secretArn } },
  })
})

const names = () => t.system.secretNames()
const formerNames = async () => [`former/${(await t.row()).accountId}`]
const allRevoked = () => expect.poll(() => t.witness.living(), { timeout: 10_000 }).toEqual([])

describe('S10: the keys of a practice that was connected under another prefix', () => {
  it('are refreshed, and AWSCURRENT follows', async () => {
    expect(await t.refresh()).toBe('refreshed')
    expect(await t.system.currentVersion(await t.row())).toBe((await t.row()).secretVersionId)
    expect(await names()).toEqual(await formerNames())
  })

  it('are revoked by a disconnect, and their secret is deleted', async () => {
    await t.person.client.pms.disconnect.mutate()
    await expect.poll(names, { timeout: 10_000 }).toEqual([])
    expect(await t.secrets.isDeleting(await t.row())).toBe(true)
    await allRevoked()
  })

  it('are replaced in the same secret by another consent, also after a disconnect', async () => {
    const { metadata } = await t.row()
    expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected' })
    expect((await t.row()).metadata).toEqual(metadata)
    await t.person.client.pms.disconnect.mutate()
    await expect.poll(names, { timeout: 10_000 }).toEqual([])
    expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected' })
    expect((await t.row()).metadata).toEqual(metadata)
    expect(await names()).toEqual(await formerNames())
    await expect
      .poll(async () => t.system.currentVersion(await t.row()), { timeout: 15_000 })
      .toBe((await t.row()).secretVersionId)
  })

  it('get a secret under the present prefix where theirs is gone, and nothing is left of it', async () => {
    await t.person.client.pms.disconnect.mutate()
    await expect.poll(names, { timeout: 10_000 }).toEqual([])
    await t.secrets.destroy(await t.row())
    expect((await connect(t.person)).outcome).toMatchObject({ status: 'connected' })
    expect(await names()).toEqual([`parlae/pms/sikka/${(await t.row()).accountId}`])
  })

  it('are revoked when another practice replaces theirs', async () => {
    const { requestKey, refreshKey } = await t.keys()
    const { outcome } = await connect(t.person, 'D00002')
    expect(await choose(t.person, outcome, 'Maple Street Dental')).toMatchObject({ status: 'connected' })
    await expect
      .poll(() => t.witness.living().filter((key) => key === requestKey || key === refreshKey), { timeout: 10_000 })
      .toEqual([])
  })

  it('are revoked, and their secret deleted, with their account', async () => {
    const { accountId, metadata } = await t.row()
    await t.system.db.account.delete({ where: { id: accountId } })
    await t.system.sweep()
    await expect.poll(names, { timeout: 10_000 }).toEqual([])
    expect(await t.secrets.isDeleting({ metadata })).toBe(true)
    await allRevoked()
  })

  it('leave no second secret behind: one that an attempt has made and nobody uses is deleted', async () => {
    const { accountId } = await t.row()
    const SecretString = JSON.stringify(await t.keys())
    await aws.createSecret({ Name: `parlae/pms/sikka/${accountId}`, SecretString })
    expect(await t.refresh()).toBe('refreshed')
    await expect.poll(names, { timeout: 10_000 }).toEqual(await formerNames())
    expect(await t.status()).toMatchObject({ status: 'connected' })
  })
})

describe('S10: keys that were kept for a choice under another prefix', () => {
  /** A person who has to choose, with keys that lie where the former prefix has put them. */
  async function choosing() {
    t.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    const person = await t.system.newPerson()
    const { attemptId, outcome } = await connect(person, 'D00003')
    const SecretId = `parlae/pms/sikka/attempts/${attemptId}`
    const { SecretString } = await aws.getSecretValue({ SecretId })
    await aws.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true })
    const { ARN: grantArn = '' } = await aws.createSecret({ Name: `former/attempts/${attemptId}`, SecretString })
    await t.system.db.pmsConnectionAttempt.update({ where: { id: attemptId }, data: { grantArn } })
    return { person, attemptId, outcome }
  }

  it.each([
    [
      'when the user declines',
      async ({ person, attemptId }: Awaited<ReturnType<typeof choosing>>) => {
        await person.client.pms.declineChoice.mutate({ attemptId })
      },
    ],
    [
      'when the account is removed',
      async ({ person }: Awaited<ReturnType<typeof choosing>>) => {
        const { accountId } = await person.client.account.current.query()
        await t.system.db.account.delete({ where: { id: accountId } })
        await t.system.sweep()
      },
    ],
  ])('are revoked and deleted %s', async (_, end) => {
    const before = t.witness.living()
    await end(await choosing())
    await expect.poll(names, { timeout: 10_000 }).toEqual(await formerNames())
    expect(t.witness.living()).toEqual(before)
  })

  it('are connected with', async () => {
    const { person, outcome } = await choosing()
    // D00001 is another account's.
    t.system.sikka.resetScenario()
    const choice = outcome.choices?.find(({ practiceName }) => practiceName !== 'Happy Dental Clinic')
    expect(choice).toBeDefined()
    expect(await choose(person, outcome, choice?.practiceName ?? '')).not.toMatchObject({ errorCode: 'INTERRUPTED' })
  })
})
