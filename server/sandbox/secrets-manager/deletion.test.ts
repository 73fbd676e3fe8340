import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { refusal, secretsManagerForTest } from './test-client.ts'

const name = 'parlae/pms/sikka/account-1'
const SecretId = name
const day = 24 * 60 * 60 * 1000

describe('a secret that is scheduled for deletion', () => {
  test('is described, listed, restored and deleted again, and refuses all else (F51)', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const [first] = await sandbox.versions(name, 1)
    const { DeletionDate } = await client.deleteSecret({ SecretId })
    for (const call of [
      client.getSecretValue({ SecretId }),
      client.putSecretValue({ SecretId, SecretString: 'v2' }),
      client.updateSecretVersionStage({ SecretId, VersionStage: 'mine', MoveToVersionId: first }),
      client.tagResource({ SecretId, Tags: [{ Key: 'a', Value: '1' }] }),
      client.untagResource({ SecretId, TagKeys: ['a'] }),
      client.createSecret({ Name: name, SecretString: 'v1' }),
      client.createSecret({ Name: name, ClientRequestToken: first, SecretString: 'v1' }),
    ]) {
      expect(await refusal(call)).toBe('InvalidRequestException')
    }
    expect(await client.describeSecret({ SecretId })).toMatchObject({ Name: name, DeletedDate: DeletionDate })
    expect((await client.listSecretVersionIds({ SecretId })).Versions).toHaveLength(1)
    expect(await client.deleteSecret({ SecretId, RecoveryWindowInDays: 7 })).toMatchObject({ DeletionDate })

    expect(await client.restoreSecret({ SecretId })).toMatchObject({ Name: name })
    expect((await client.describeSecret({ SecretId })).DeletedDate).toBeUndefined()
    await client.putSecretValue({ SecretId, SecretString: 'v2' })
    expect(await client.getSecretValue({ SecretId })).toMatchObject({ SecretString: 'v2' })
  })

  test.each([
    [undefined, 30],
    [7, 7],
    [30, 30],
  ])('with a window of %s days is gone after %i, and its name is free', async (RecoveryWindowInDays, days) => {
    const start = Date.parse('2026-11-21T10:00:00Z')
    let now = start
    await using sandbox = await secretsManagerForTest(() => new Date(now))
    const { client } = sandbox
    const { ARN } = await client.createSecret({ Name: name, SecretString: 'v1' })
    const deleted = await client.deleteSecret({ SecretId, RecoveryWindowInDays })
    expect(deleted).toMatchObject({ ARN, Name: name, DeletionDate: new Date(start + days * day) })
    now = start + days * day - 1
    expect(await refusal(client.describeSecret({ SecretId }))).toBe('none')
    now = start + days * day
    expect(await refusal(client.describeSecret({ SecretId }))).toBe('ResourceNotFoundException')
    expect(await refusal(client.restoreSecret({ SecretId }))).toBe('ResourceNotFoundException')
    expect((await client.createSecret({ Name: name, SecretString: 'v2' })).ARN).not.toBe(ARN)
    expect((await client.listSecretVersionIds({ SecretId, IncludeDeprecated: true })).Versions).toHaveLength(1)
  })

  test.each([
    [{ RecoveryWindowInDays: 6 }],
    [{ RecoveryWindowInDays: 31 }],
    [{ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }],
  ])('cannot be made so with %o', async (input) => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    await sandbox.versions(name, 1)
    expect(await refusal(client.deleteSecret({ SecretId, ...input }))).toBe('InvalidParameterException')
    expect(await client.getSecretValue({ SecretId })).toMatchObject({ SecretString: 'v1' })
  })
})

test('a forced deletion is at once, also of what is scheduled or not there; the old ARN finds nothing any more', async () => {
  await using sandbox = await secretsManagerForTest()
  const { client } = sandbox
  const { ARN } = await client.createSecret({ Name: name, SecretString: 'v1' })
  await client.deleteSecret({ SecretId })
  const forced = { SecretId, ForceDeleteWithoutRecovery: true }
  expect(await client.deleteSecret(forced)).toMatchObject({ ARN, Name: name, DeletionDate: expect.any(Date) as Date })
  expect(await refusal(client.describeSecret({ SecretId }))).toBe('ResourceNotFoundException')
  expect(await readdir(sandbox.folder), 'nothing of it is left on disk').toEqual([])
  expect(await client.deleteSecret(forced)).toMatchObject({ Name: name })
  expect(await refusal(client.deleteSecret({ SecretId }))).toBe('ResourceNotFoundException')

  const again = await client.createSecret({ Name: name, SecretString: 'v1' })
  expect(again.ARN).not.toBe(ARN)
  expect(await refusal(client.getSecretValue({ SecretId: ARN }))).toBe('ResourceNotFoundException')
  expect(await refusal(client.getSecretValue({ SecretId: again.ARN }))).toBe('none')
})
