import { expect, it } from 'vitest'
import { Redacted } from '../../src/config/redacted.ts'
import { keysOf, signal, vaultForTest } from './vault-for-test.ts'

it.each([
  ['of ours, where one is named', 'alias/pms'],
  ['of AWS for Secrets Manager otherwise', undefined],
])('new secrets are encrypted by the key %s', async (_, key) => {
  await using test = await vaultForTest(undefined, key)
  const { secretArn } = await test.written()
  const grant = {
    requestKey: new Redacted('request-key-made-up'),
    refreshKey: undefined,
    expiresAt: new Date(0),
    issuedTo: undefined,
  }
  const attemptId = test.accountId
  await test.vault.keepGrant(attemptId, grant, signal)
  for (const SecretId of [secretArn, `parlae/pms/sikka/attempts/${attemptId}`]) {
    expect((await test.aws.describeSecret({ SecretId })).KmsKeyId).toBe(key)
  }
})

it('the key of a secret stays when a version is added', async () => {
  await using test = await vaultForTest(undefined, 'alias/pms')
  const { secretArn } = await test.written()
  await test.vault.add(secretArn, test.accountId, keysOf('other'), signal)
  expect((await test.aws.describeSecret({ SecretId: secretArn })).KmsKeyId).toBe('alias/pms')
})
