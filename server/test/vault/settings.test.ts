import { randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { failureOf, keysOf, signal, vaultForTest } from './vault-for-test.ts'

const config = { code: 'CONFIG', reason: undefined }

it.each([
  ['F55', 'AccessDeniedException', 1],
  ['F55', 'EncryptionFailure', 1],
  ['F55', 'DecryptionFailure', 1],
  ['F61', 'NotAuthorized', 1],
  // Once more with fresh credentials (S13).
  ['F61', 'ExpiredTokenException', 2],
  ['F61', 'UnrecognizedClientException', 2],
  ['F61', 'InvalidSignatureException', 2],
])('%s: %s is CONFIG, whatever is asked, after %i call', async (_, error, times) => {
  await using test = await vaultForTest()
  const { secretArn, secretVersionId } = await test.written()
  test.calls()
  test.sandbox.fail({ error })
  const { vault } = test
  for (const work of [
    () => test.written(),
    () => vault.add(secretArn, randomUUID(), keysOf('other'), signal),
    () => vault.read(secretArn, secretVersionId, signal),
    () => vault.describe(secretArn, signal),
    () => vault.promote(secretArn, secretVersionId, randomUUID(), signal),
    () => vault.restore(secretArn, signal),
    () => vault.scheduleDeletion(secretArn, signal),
  ]) {
    expect(await failureOf(work())).toEqual(config)
  }
  expect(test.calls()).toEqual({
    CreateSecret: times,
    PutSecretValue: times,
    GetSecretValue: times,
    DescribeSecret: times,
    UpdateSecretVersionStage: times,
    RestoreSecret: times,
    DeleteSecret: times,
  })
  expect(vault.heldBackFor(), 'a refusal shows that the service works').toBe(0)
})

it.each(['ExpiredTokenException', 'UnrecognizedClientException', 'InvalidSignatureException'])(
  'S13: %s once is ridden out, with credentials that are fetched anew',
  async (error) => {
    await using test = await vaultForTest()
    test.sandbox.fail({ error, times: 1 })
    expect(await test.written()).toMatchObject({ tokenTaken: false })
    expect(test.calls()).toEqual({ CreateSecret: 2 })
    // The stand-in knows every key: what was fetched shows in the next call alone.
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    test.sandbox.fail({ error, times: 1 })
    expect(await failureOf(test.vault.describe(test.name, signal)), 'there are none now').toEqual(config)
  },
)

it('S11: a secret in another region is CONFIG, whatever is asked, and nothing is sent', async () => {
  await using test = await vaultForTest()
  const { vault } = test
  const { secretArn, secretVersionId } = await test.written()
  const elsewhere = secretArn.replace('us-east-1', 'eu-west-1')
  test.calls()
  for (const work of [
    () => vault.write(test.accountId, randomUUID(), keysOf('other'), signal, elsewhere),
    () => vault.add(elsewhere, randomUUID(), keysOf('other'), signal),
    () => vault.read(elsewhere, secretVersionId, signal),
    () => vault.describe(elsewhere, signal),
    () => vault.promote(elsewhere, secretVersionId, randomUUID(), signal),
    () => vault.restore(elsewhere, signal),
    () => vault.scheduleDeletion(elsewhere, signal),
    () => vault.readGrant(randomUUID(), signal, elsewhere),
    () => vault.dropGrant(randomUUID(), signal, elsewhere),
  ]) {
    expect(await failureOf(work())).toEqual(config)
  }
  expect(test.calls()).toEqual({})
})

describe('S12: the check of what we may do', () => {
  const provable = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage', 'RestoreSecret']

  it('passes with the rights, and changes nothing', async () => {
    await using test = await vaultForTest()
    await test.vault.checkAccess(signal)
    expect(test.calls()).toEqual(Object.fromEntries(provable.map((operation) => [operation, 1])))
    expect((await test.aws.listSecrets({ IncludePlannedDeletion: true })).SecretList).toEqual([])
  })

  it.each(provable)('names %s when that is denied', async (operation) => {
    await using test = await vaultForTest()
    test.sandbox.fail({ operation, error: 'AccessDeniedException' })
    await expect(test.vault.checkAccess(signal)).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining(operation),
    })
  })

  it.each(['InternalServiceError', 'ThrottlingException'])('takes %s for no verdict', async (error) => {
    await using test = await vaultForTest()
    test.sandbox.fail({ error })
    expect(await failureOf(test.vault.checkAccess(signal))).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })
})

it('F61: no credentials at all are CONFIG, and nothing is sent', async () => {
  await using test = await vaultForTest()
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined)
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nowhere')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  expect(await failureOf(test.written())).toEqual(config)
  expect(test.calls()).toEqual({})
})

it('F59: the quota of versions is CONFIG, and no further version is tried', async () => {
  await using test = await vaultForTest()
  await test.written()
  test.calls()
  test.sandbox.fail({ operation: 'PutSecretValue', error: 'LimitExceededException' })
  expect(await failureOf(test.written(keysOf('second')))).toEqual(config)
  expect(test.calls()).toEqual({ CreateSecret: 1, PutSecretValue: 1 })
  expect(await failureOf(test.vault.add(test.name, randomUUID(), keysOf('second'), signal))).toEqual(config)
  expect(test.calls()).toEqual({ PutSecretValue: 1 })
})

it('what AWS refuses for another reason is refused for good, and says nothing of the service', async () => {
  await using test = await vaultForTest()
  test.sandbox.fail({ error: 'ValidationException' })
  for (let call = 0; call < 6; call++) {
    expect(await failureOf(test.written())).toEqual({ code: 'STORAGE_UNAVAILABLE', reason: undefined })
  }
  expect(test.calls()).toEqual({ CreateSecret: 6 })
  expect(test.vault.heldBackFor()).toBe(0)
})
