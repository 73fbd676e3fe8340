import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { Redacted } from '../../src/config/redacted.ts'
import { failureOf, namePrefix, signal, vaultForTest } from './vault-for-test.ts'

const grant = {
  requestKey: new Redacted('request-key-kept'),
  refreshKey: new Redacted('refresh-key-kept'),
  issuedTo: 'D10001',
  expiresAt: new Date('2026-11-22T10:00:00.000Z'),
}
const bare = { ...grant, refreshKey: undefined, issuedTo: undefined }

it.each([
  ['with all it can have', grant],
  ['with the least it can have', bare],
])('a grant %s is kept, read and dropped', async (_, kept) => {
  await using test = await vaultForTest()
  const attemptId = randomUUID()
  expect(await test.vault.readGrant(attemptId, signal)).toBeUndefined()
  await test.vault.keepGrant(attemptId, kept, signal)
  const read = await test.vault.readGrant(attemptId, signal)
  expect(read).toEqual(kept)
  expect(read?.requestKey.reveal()).toBe('request-key-kept')
  await test.vault.dropGrant(attemptId, signal)
  expect(await test.vault.readGrant(attemptId, signal)).toBeUndefined()
  expect((await test.aws.listSecrets({ IncludePlannedDeletion: true })).SecretList).toEqual([])
})

it('a grant lies in a secret of its own below the prefix, in a form of its own', async () => {
  await using test = await vaultForTest()
  const attemptId = randomUUID()
  await test.vault.keepGrant(attemptId, grant, signal)
  const { SecretString } = await test.aws.getSecretValue({ SecretId: `${namePrefix}attempts/${attemptId}` })
  expect(JSON.parse(SecretString ?? '')).toEqual({
    requestKey: 'request-key-kept',
    refreshKey: 'refresh-key-kept',
    issuedTo: 'D10001',
    tokenExpiry: '2026-11-22T10:00:00.000Z',
  })
})

it('F53: a grant that is kept twice, or with a lost answer, is one version; another one replaces it', async () => {
  await using test = await vaultForTest()
  const attemptId = randomUUID()
  test.proxy.set({ kind: 'reset_answer', when: 'CreateSecret', times: 1 })
  await test.vault.keepGrant(attemptId, grant, signal)
  await test.vault.keepGrant(attemptId, grant, signal)
  expect(await test.labels(`${namePrefix}attempts/${attemptId}`)).toEqual({ [attemptId]: ['AWSCURRENT'] })
  await test.vault.keepGrant(attemptId, bare, signal)
  expect(await test.vault.readGrant(attemptId, signal)).toEqual(bare)
  expect(test.proxy.strikes).toBe(1)
})

it('a grant that is dropped twice, or scheduled for deletion by hand, is gone', async () => {
  await using test = await vaultForTest()
  const [attemptId, other] = [randomUUID(), randomUUID()]
  await test.vault.dropGrant(attemptId, signal)
  await test.vault.keepGrant(attemptId, grant, signal)
  await test.vault.keepGrant(other, bare, signal)
  await test.aws.deleteSecret({ SecretId: `${namePrefix}attempts/${attemptId}` })
  expect(await test.vault.readGrant(attemptId, signal)).toBeUndefined()
  await test.vault.dropGrant(attemptId, signal)
  const { SecretList } = await test.aws.listSecrets({ IncludePlannedDeletion: true })
  expect(SecretList?.map(({ Name }) => Name)).toEqual([`${namePrefix}attempts/${other}`])
})

it('F60: a grant cannot be kept while AWS still deletes the last one', async () => {
  await using test = await vaultForTest()
  test.sandbox.fail({ operation: 'CreateSecret', error: 'InvalidRequestException' })
  expect(await failureOf(test.vault.keepGrant(randomUUID(), grant, signal))).toEqual({
    code: 'STORAGE_UNAVAILABLE',
    reason: 'limited',
  })
})

it('F58: a grant that was changed by hand cannot be read', async () => {
  await using test = await vaultForTest()
  const attemptId = randomUUID()
  await test.vault.keepGrant(attemptId, grant, signal)
  await test.aws.putSecretValue({ SecretId: `${namePrefix}attempts/${attemptId}`, SecretString: '[]' })
  expect(await failureOf(test.vault.readGrant(attemptId, signal))).toMatchObject({ code: 'KEYS_UNREADABLE' })
})
