import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { failureOf, keysOf, signal, vaultForTest } from './vault-for-test.ts'

const config = { code: 'CONFIG', reason: undefined }

it.each([
  ['F55', 'AccessDeniedException'],
  ['F55', 'EncryptionFailure'],
  ['F55', 'DecryptionFailure'],
  ['F61', 'ExpiredTokenException'],
  ['F61', 'UnrecognizedClientException'],
  ['F61', 'InvalidSignatureException'],
  ['F61', 'NotAuthorized'],
])('%s: %s is CONFIG, asked once, whatever is asked', async (_, error) => {
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
    CreateSecret: 1,
    PutSecretValue: 1,
    GetSecretValue: 1,
    DescribeSecret: 1,
    UpdateSecretVersionStage: 1,
    RestoreSecret: 1,
    DeleteSecret: 1,
  })
  expect(vault.heldBackFor(), 'a refusal shows that the service works').toBe(0)
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
