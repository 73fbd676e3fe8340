import { expect, it } from 'vitest'
import { failureOf, keysOf, signal, vaultForTest } from './vault-for-test.ts'

const day = 24 * 60 * 60 * 1000

it('scheduleDeletion leaves 30 days to restore the secret in, with its labels', async () => {
  await using test = await vaultForTest()
  const first = await test.written()
  const second = await test.written(keysOf('second'))
  const labels = await test.labels()
  const before = Date.now()
  await test.vault.scheduleDeletion(first.secretArn, signal)
  const { DeletedDate } = await test.aws.describeSecret({ SecretId: test.name })
  const left = (DeletedDate?.getTime() ?? 0) - before
  expect(left).toBeGreaterThanOrEqual(30 * day)
  expect(left).toBeLessThan(30 * day + 60_000)
  await test.vault.restore(first.secretArn, signal)
  expect(await test.labels()).toEqual(labels)
  expect(await test.vault.read(test.name, second.secretVersionId, signal)).toMatchObject(keysOf('second'))
})

it('scheduleDeletion is fine where it is scheduled already, whichever way AWS says so, and where nothing is', async () => {
  await using test = await vaultForTest()
  await test.vault.scheduleDeletion(test.name, signal)
  expect(await test.vault.describe(test.name, signal)).toEqual({ state: 'absent' })
  await test.written()
  await test.vault.scheduleDeletion(test.name, signal)
  const scheduled = await test.aws.describeSecret({ SecretId: test.name })
  await test.vault.scheduleDeletion(test.name, signal)
  test.sandbox.fail({ operation: 'DeleteSecret', error: 'InvalidRequestException', times: 1 })
  await test.vault.scheduleDeletion(test.name, signal)
  expect(await test.aws.describeSecret({ SecretId: test.name })).toMatchObject({ DeletedDate: scheduled.DeletedDate })
})

it('scheduleDeletion that is refused with the secret still in use fails', async () => {
  await using test = await vaultForTest()
  await test.written()
  test.sandbox.fail({ operation: 'DeleteSecret', error: 'InvalidRequestException' })
  expect(await failureOf(test.vault.scheduleDeletion(test.name, signal))).toEqual({
    code: 'STORAGE_UNAVAILABLE',
    reason: undefined,
  })
})

it('restore is fine where nothing was to be deleted, and fails where nothing is', async () => {
  await using test = await vaultForTest()
  expect(await failureOf(test.vault.restore(test.name, signal))).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  await test.written()
  await test.vault.restore(test.name, signal)
  expect(await test.vault.describe(test.name, signal)).toMatchObject({ state: 'present' })
})
