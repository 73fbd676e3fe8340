import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { failureOf, keysOf, namePrefix, signal, vaultForTest } from './vault-for-test.ts'

describe('write', () => {
  it('makes a secret of the contract, section 6, step 7, with its first version AWSCURRENT', async () => {
    await using test = await vaultForTest()
    const versionId = randomUUID()
    const written = await test.vault.write(test.accountId, versionId, keysOf('first'), signal)
    const stored = await test.aws.getSecretValue({ SecretId: `${namePrefix}${test.accountId}` })
    expect(written).toEqual({ secretArn: stored.ARN, secretVersionId: versionId, tokenTaken: false, isFirst: true })
    expect(stored.VersionStages).toEqual(['AWSCURRENT'])
    expect(JSON.parse(stored.SecretString ?? '')).toEqual({
      officeId: 'D10001',
      secretKey: 'secret-key-first',
      requestKey: 'request-key-first',
      refreshKey: 'refresh-key-first',
      tokenExpiry: '2026-11-22T10:00:00.000Z',
      practiceName: 'Sunrise Dental',
      practiceId: '1',
      pmsType: 'Dentrix',
    })
    expect(test.calls()).toMatchObject({ CreateSecret: 1 })
  })

  it('F50: of a name that exists adds a pending version; AWSCURRENT stays where it is', async () => {
    await using test = await vaultForTest()
    const first = await test.written()
    const second = await test.written(keysOf('second'))
    expect(second).toMatchObject({ secretArn: first.secretArn, tokenTaken: false, isFirst: false })
    expect(await test.labels()).toEqual({
      [first.secretVersionId]: ['AWSCURRENT'],
      [second.secretVersionId]: ['AWSPENDING'],
    })
  })

  it('F50: of a name that was made without a version has its first version AWSCURRENT', async () => {
    await using test = await vaultForTest()
    await test.aws.createSecret({ Name: test.name })
    const { secretVersionId } = await test.written()
    expect(await test.labels()).toEqual({ [secretVersionId]: ['AWSCURRENT', 'AWSPENDING'] })
  })

  it('of a further version takes AWSPENDING from the one before, which is still read by its id', async () => {
    await using test = await vaultForTest()
    const first = await test.written()
    const second = await test.written(keysOf('second'))
    const third = await test.written(keysOf('third'))
    expect(await test.labels()).toEqual({
      [first.secretVersionId]: ['AWSCURRENT'],
      [second.secretVersionId]: [],
      [third.secretVersionId]: ['AWSPENDING'],
    })
    for (const [written, mark] of [
      [first, 'first'],
      [second, 'second'],
      [third, 'third'],
    ] as const) {
      expect(await test.vault.read(test.name, written.secretVersionId, signal)).toEqual({
        ...keysOf(mark),
        secretArn: first.secretArn,
      })
    }
  })

  it('F51: of a secret that is scheduled for deletion restores it and adds a pending version', async () => {
    await using test = await vaultForTest()
    const first = await test.written()
    await test.vault.scheduleDeletion(test.name, signal)
    const second = await test.written(keysOf('second'))
    expect(second.secretArn).toBe(first.secretArn)
    expect((await test.aws.describeSecret({ SecretId: test.name })).DeletedDate).toBeUndefined()
    expect(await test.labels()).toEqual({
      [first.secretVersionId]: ['AWSCURRENT'],
      [second.secretVersionId]: ['AWSPENDING'],
    })
  })

  it.each(['a new secret', 'a secret that exists', 'a secret that is scheduled for deletion'])(
    'F53: once more, with %s, writes no second version',
    async (of) => {
      await using test = await vaultForTest()
      if (of !== 'a new secret') await test.written(keysOf('before'))
      if (of === 'a secret that is scheduled for deletion') await test.vault.scheduleDeletion(test.name, signal)
      const versionId = randomUUID()
      const { pmsType, officeId, ...rest } = keysOf('first')
      const first = await test.vault.write(test.accountId, versionId, { officeId, ...rest, pmsType }, signal)
      const labels = await test.labels()
      const again = await test.vault.write(test.accountId, versionId, { pmsType, ...rest, officeId }, signal)
      expect({ ...again, isFirst: first.isFirst }).toEqual(first)
      expect(await test.labels()).toEqual(labels)
      expect(Object.keys(labels)).toHaveLength(of === 'a new secret' ? 1 : 2)
    },
  )

  it.each(['CreateSecret', 'PutSecretValue'])(
    'F53: writes one version when the answer to %s is lost',
    async (operation) => {
      await using test = await vaultForTest()
      const before = operation === 'PutSecretValue' ? 1 : 0
      if (before) await test.written(keysOf('before'))
      test.calls()
      test.proxy.set({ kind: 'reset_answer', when: operation, times: 1 })
      const { secretVersionId, tokenTaken } = await test.written()
      expect(test.proxy.strikes).toBe(1)
      expect(test.calls()).toMatchObject({ [operation]: 2 })
      expect(tokenTaken).toBe(false)
      const labels = await test.labels()
      expect(Object.keys(labels)).toHaveLength(before + 1)
      expect(labels[secretVersionId]).toEqual([before ? 'AWSPENDING' : 'AWSCURRENT'])
    },
  )

  it('F54: with an id that other keys have already is written under another id, and says so', async () => {
    await using test = await vaultForTest()
    const { secretVersionId: taken } = await test.written()
    const second = await test.vault.write(test.accountId, taken, keysOf('second'), signal)
    expect(second.tokenTaken).toBe(true)
    expect(second.secretVersionId).not.toBe(taken)
    expect(await test.labels()).toEqual({ [taken]: ['AWSCURRENT'], [second.secretVersionId]: ['AWSPENDING'] })
    expect(await test.vault.read(test.name, taken, signal)).toMatchObject(keysOf('first'))
    expect(await test.vault.read(test.name, second.secretVersionId, signal)).toMatchObject(keysOf('second'))
  })

  it('F60: of a name that is still being deleted fails for now, and works once the name is free', async () => {
    await using test = await vaultForTest()
    const busy = { code: 'STORAGE_UNAVAILABLE', reason: 'limited' }
    test.sandbox.fail({ operation: 'CreateSecret', error: 'InvalidRequestException' })
    expect(await failureOf(test.written()), 'gone for RestoreSecret').toEqual(busy)
    test.sandbox.fail({ operation: 'RestoreSecret', error: 'InvalidRequestException' })
    expect(await failureOf(test.written()), 'there for both').toEqual(busy)
    test.sandbox.fail({ operation: 'CreateSecret', error: 'ResourceExistsException' })
    expect(await failureOf(test.written()), 'gone for PutSecretValue').toEqual(busy)
    expect(test.vault.heldBackFor()).toBe(0)
    test.sandbox.heal()
    expect(await test.written()).toMatchObject({ tokenTaken: false })
  })
})

describe('add', () => {
  it('puts a pending version to a secret, by name or ARN; the same call again writes nothing', async () => {
    await using test = await vaultForTest()
    const first = await test.written()
    const [second, third] = [randomUUID(), randomUUID()]
    expect(await test.vault.add(test.name, second, keysOf('second'), signal)).toBe(true)
    expect(await test.vault.add(first.secretArn, third, keysOf('third'), signal)).toBe(true)
    expect(await test.vault.add(first.secretArn, third, keysOf('third'), signal)).toBe(true)
    expect(await test.labels()).toEqual({
      [first.secretVersionId]: ['AWSCURRENT'],
      [second]: [],
      [third]: ['AWSPENDING'],
    })
    expect(await test.vault.read(test.name, third, signal)).toMatchObject(keysOf('third'))
  })

  it('F100: brings no secret back that is gone or waits for its deletion', async () => {
    await using test = await vaultForTest()
    expect(await test.vault.add(test.name, randomUUID(), keysOf('late'), signal)).toBe(false)
    expect(await test.vault.describe(test.name, signal)).toEqual({ state: 'absent' })
    const { secretVersionId, secretArn } = await test.written()
    await test.vault.scheduleDeletion(test.name, signal)
    expect(await test.vault.add(secretArn, randomUUID(), keysOf('late'), signal)).toBe(false)
    expect(await test.vault.describe(test.name, signal)).toMatchObject({ state: 'deleting' })
    expect(Object.keys(await test.labels())).toEqual([secretVersionId])
  })

  it('F54: does not overwrite a version that has other keys', async () => {
    await using test = await vaultForTest()
    const { secretVersionId } = await test.written()
    const failure = await failureOf(test.vault.add(test.name, secretVersionId, keysOf('other'), signal))
    expect(failure).toEqual({ code: 'STORAGE_UNAVAILABLE', reason: undefined })
    expect(await test.vault.read(test.name, secretVersionId, signal)).toMatchObject(keysOf('first'))
  })
})

describe('read', () => {
  it('finds nothing of an unknown secret or version, nor while the secret waits for its deletion', async () => {
    await using test = await vaultForTest()
    expect(await test.vault.read(test.name, randomUUID(), signal)).toBeUndefined()
    const { secretVersionId } = await test.written()
    expect(await test.vault.read(test.name, randomUUID(), signal)).toBeUndefined()
    await test.vault.scheduleDeletion(test.name, signal)
    expect(await test.vault.read(test.name, secretVersionId, signal)).toBeUndefined()
    await test.vault.restore(test.name, signal)
    expect(await test.vault.read(test.name, secretVersionId, signal)).toMatchObject(keysOf('first'))
  })

  it.each([
    ['a text that is no JSON', { SecretString: '{"officeId":"D10001",' }],
    ['JSON of another form', { SecretString: '{"officeId":"D10001","secretKey":17}' }],
    ['bytes', { SecretBinary: new Uint8Array([1, 2, 3]) }],
  ])('F58: says of %s, put in by hand, that it cannot be read', async (_, value) => {
    await using test = await vaultForTest()
    await test.written()
    const { VersionId = '' } = await test.aws.putSecretValue({ SecretId: test.name, ...value })
    expect(await failureOf(test.vault.read(test.name, VersionId, signal))).toEqual({
      code: 'KEYS_UNREADABLE',
      reason: undefined,
    })
    expect(test.vault.heldBackFor()).toBe(0)
  })
})
