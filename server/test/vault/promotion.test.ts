import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { failureOf, keysOf, signal, vaultForTest } from './vault-for-test.ts'

/** Three versions: the first is current, the third pending, the second has no label any more. */
async function threeVersions(test: Awaited<ReturnType<typeof vaultForTest>>) {
  const { secretArn, secretVersionId: first } = await test.written()
  const { secretVersionId: second } = await test.written(keysOf('second'))
  const { secretVersionId: third } = await test.written(keysOf('third'))
  return { secretArn, first, second, third }
}

it('describe tells of a secret whether it is there, which versions have labels, and which one is current', async () => {
  await using test = await vaultForTest()
  expect(await test.vault.describe(test.name, signal)).toEqual({ state: 'absent' })
  const { secretArn, first, third } = await threeVersions(test)
  const told = { secretArn, currentVersionId: first, versionIds: [first, third] }
  expect(await test.vault.describe(test.name, signal)).toEqual({ state: 'present', ...told })
  await test.vault.scheduleDeletion(secretArn, signal)
  expect(await test.vault.describe(secretArn, signal)).toEqual({ state: 'deleting', ...told })
})

it('describe knows no current version of a secret that has none', async () => {
  await using test = await vaultForTest()
  await test.aws.createSecret({ Name: test.name })
  expect(await test.vault.describe(test.name, signal)).toMatchObject({
    state: 'present',
    currentVersionId: undefined,
    versionIds: [],
  })
})

it('promote moves AWSCURRENT to a pending version, and to one without a label', async () => {
  await using test = await vaultForTest()
  const { secretArn, first, second, third } = await threeVersions(test)
  expect(await test.vault.promote(secretArn, first, third, signal)).toBe(true)
  expect(await test.labels()).toEqual({
    [first]: ['AWSPREVIOUS'],
    [second]: [],
    [third]: ['AWSCURRENT', 'AWSPENDING'],
  })
  expect(await test.vault.promote(test.name, third, second, signal)).toBe(true)
  expect((await test.labels())[second]).toEqual(['AWSCURRENT'])
})

it('promote by one who looked too long ago changes nothing', async () => {
  await using test = await vaultForTest()
  const { first, second, third } = await threeVersions(test)
  await test.vault.promote(test.name, first, third, signal)
  const before = await test.labels()
  expect(await test.vault.promote(test.name, first, second, signal)).toBe(false)
  expect(await test.vault.promote(test.name, undefined, second, signal), 'nor one who saw none').toBe(false)
  expect(await test.labels()).toEqual(before)
})

it('promote once more is fine', async () => {
  await using test = await vaultForTest()
  const { first, third } = await threeVersions(test)
  await test.vault.promote(test.name, first, third, signal)
  const before = await test.labels()
  expect(await test.vault.promote(test.name, first, third, signal)).toBe(true)
  expect(await test.vault.promote(test.name, third, third, signal)).toBe(true)
  expect(await test.labels()).toEqual(before)
})

it('F53: promote whose answer is lost has moved AWSCURRENT, and knows it', async () => {
  await using test = await vaultForTest()
  const { first, third } = await threeVersions(test)
  test.proxy.set({ kind: 'reset_answer', when: 'UpdateSecretVersionStage', times: 1 })
  expect(await test.vault.promote(test.name, first, third, signal)).toBe(true)
  expect(test.proxy.strikes).toBe(1)
  expect((await test.labels())[third]).toContain('AWSCURRENT')
})

it('promote is in vain for a secret that is gone or waits for its deletion', async () => {
  await using test = await vaultForTest()
  expect(await test.vault.promote(test.name, randomUUID(), randomUUID(), signal)).toBe(false)
  const { first, third } = await threeVersions(test)
  await test.vault.scheduleDeletion(test.name, signal)
  expect(await test.vault.promote(test.name, first, third, signal)).toBe(false)
  expect((await test.labels())[first]).toEqual(['AWSCURRENT'])
})

it('promote to a version that is gone fails, and AWSCURRENT stays', async () => {
  await using test = await vaultForTest()
  const { first } = await threeVersions(test)
  expect(await failureOf(test.vault.promote(test.name, first, randomUUID(), signal))).toMatchObject({
    code: 'KEYS_UNREADABLE',
  })
  expect((await test.labels())[first]).toEqual(['AWSCURRENT'])
})

it('promote that is refused although AWSCURRENT is where it should be fails, so that nobody tries for ever', async () => {
  await using test = await vaultForTest()
  const { first, third } = await threeVersions(test)
  test.sandbox.fail({ operation: 'UpdateSecretVersionStage', error: 'InvalidParameterException' })
  expect(await failureOf(test.vault.promote(test.name, first, third, signal))).toEqual({
    code: 'STORAGE_UNAVAILABLE',
    reason: undefined,
  })
})
