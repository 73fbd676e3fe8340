import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { refusal, secretsManagerForTest } from './test-client.ts'

const SecretId = 'parlae/pms/sikka/account-1'

describe('PutSecretValue', () => {
  test('makes the new version AWSCURRENT, the last one AWSPREVIOUS, and those before deprecated', async () => {
    await using sandbox = await secretsManagerForTest()
    const ids = await sandbox.versions(SecretId, 3)
    expect(await sandbox.stages(SecretId, ids)).toEqual({ v1: [], v2: ['AWSPREVIOUS'], v3: ['AWSCURRENT'] })
    const { client } = sandbox
    const value = async (by: object) => (await client.getSecretValue({ SecretId, ...by })).SecretString
    expect(await value({})).toBe('v3')
    expect(await value({ VersionStage: 'AWSPREVIOUS' })).toBe('v2')
    expect(await value({ VersionId: ids[0] })).toBe('v1')
    expect(await value({ VersionId: ids[1], VersionStage: 'AWSPREVIOUS' })).toBe('v2')
    const labelled = await client.describeSecret({ SecretId })
    expect(Object.keys(labelled.VersionIdsToStages ?? {})).toEqual([ids[1], ids[2]])
    const listed = await client.listSecretVersionIds({ SecretId, MaxResults: 1 })
    expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([ids[1]])
    expect(listed.NextToken).toBeDefined()
  })

  test('with the same token and value again changes nothing (F53), with another value is refused (F54)', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const ids = await sandbox.versions(SecretId, 2)
    const [first, second] = ids
    const again = await client.putSecretValue({ SecretId, ClientRequestToken: first, SecretString: 'v1' })
    expect(again).toMatchObject({ VersionId: first, VersionStages: ['AWSPREVIOUS'] })
    const other = client.putSecretValue({ SecretId, ClientRequestToken: second, SecretString: 'v1' })
    expect(await refusal(other)).toBe('ResourceExistsException')
    const binary = client.putSecretValue({ SecretId, ClientRequestToken: second, SecretBinary: Buffer.from('v2') })
    expect(await refusal(binary)).toBe('ResourceExistsException')

    const bytes = { SecretId, ClientRequestToken: randomUUID(), SecretBinary: new Uint8Array([1]) }
    ids.push((await client.putSecretValue(bytes)).VersionId ?? '')
    expect(await refusal(client.putSecretValue(bytes))).toBe('none')
    const otherBytes = client.putSecretValue({ ...bytes, SecretBinary: new Uint8Array([2]) })
    expect(await refusal(otherBytes)).toBe('ResourceExistsException')
    expect(await sandbox.stages(SecretId, ids)).toEqual({ v1: [], v2: ['AWSPREVIOUS'], v3: ['AWSCURRENT'] })
  })

  test('of one token 20 times at once writes one version; of 20 tokens, 20 in a row', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    await client.createSecret({ Name: SecretId })
    const token = randomUUID()
    const put = (ClientRequestToken: string) =>
      client.putSecretValue({ SecretId, ClientRequestToken, SecretString: 'same' })
    await Promise.all(Array.from({ length: 20 }, () => put(token)))
    expect(await sandbox.stages(SecretId, [token])).toEqual({ v1: ['AWSCURRENT'] })

    const ids = [token, ...Array.from({ length: 20 }, () => randomUUID())]
    await Promise.all(ids.slice(1).map(put))
    const stages = Object.values(await sandbox.stages(SecretId, ids))
    expect(stages).toHaveLength(21)
    expect(stages.flat().toSorted()).toEqual(['AWSCURRENT', 'AWSPREVIOUS'])
  })

  test.each([31, 65])('refuses a token of %i characters', async (length) => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    await client.createSecret({ Name: SecretId })
    const put = client.putSecretValue({ SecretId, ClientRequestToken: 'x'.repeat(length), SecretString: 'v1' })
    expect(await refusal(put)).toBe('InvalidParameterException')
  })

  test('takes 1 to 20 labels, from another version where it has them', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const ids = await sandbox.versions(SecretId, 1)
    const put = (VersionStages: string[]) => {
      const ClientRequestToken = randomUUID()
      ids.push(ClientRequestToken)
      return client.putSecretValue({ SecretId, ClientRequestToken, SecretString: 'v', VersionStages })
    }
    expect(await put(['one', 'two', 'three'])).toMatchObject({ VersionStages: ['one', 'three', 'two'] })
    await put(['four', 'one', 'two'])
    expect(await sandbox.stages(SecretId, ids)).toEqual({
      v1: ['AWSCURRENT'],
      v2: ['three'],
      v3: ['four', 'one', 'two'],
    })
    const labels = Array.from({ length: 21 }, (_, index) => `label-${index}`)
    expect(await refusal(put([]))).toBe('InvalidParameterException')
    expect(await refusal(put(labels))).toBe('InvalidParameterException')
    const twenty = await put(labels.slice(1))
    expect(twenty.VersionStages).toHaveLength(20)
    const one = client.updateSecretVersionStage({ SecretId, VersionStage: 'more', MoveToVersionId: twenty.VersionId })
    expect(await refusal(one)).toBe('LimitExceededException')
  })
})

describe('GetSecretValue', () => {
  test('refuses a version that is not there, and a label that the version does not have', async () => {
    await using sandbox = await secretsManagerForTest()
    const ids = await sandbox.versions(SecretId, 2)
    const get = (by: object) => refusal(sandbox.client.getSecretValue({ SecretId, ...by }))
    expect(await get({ VersionId: randomUUID() })).toBe('ResourceNotFoundException')
    expect(await get({ VersionStage: 'AWSPENDING' })).toBe('ResourceNotFoundException')
    expect(await get({ VersionId: ids[0], VersionStage: 'AWSCURRENT' })).toBe('InvalidRequestException')
    expect(await get({ SecretId: 'another' })).toBe('ResourceNotFoundException')
  })
})

describe('UpdateSecretVersionStage', () => {
  const secretWithPending = async (sandbox: Awaited<ReturnType<typeof secretsManagerForTest>>) => {
    const ids = await sandbox.versions(SecretId, 2)
    const ClientRequestToken = randomUUID()
    const pending = { SecretId, ClientRequestToken, SecretString: 'v3', VersionStages: ['AWSPENDING'] }
    await sandbox.client.putSecretValue(pending)
    return [...ids, ClientRequestToken] as [string, string, string]
  }

  test('cuts over from AWSCURRENT to what was AWSPENDING, and back', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const ids = await secretWithPending(sandbox)
    const [, second, third] = ids
    expect(await client.getSecretValue({ SecretId })).toMatchObject({ SecretString: 'v2' })
    const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: third, RemoveFromVersionId: second }
    expect(await client.updateSecretVersionStage(move)).toMatchObject({ Name: SecretId })
    expect(await sandbox.stages(SecretId, ids)).toEqual({
      v1: [],
      v2: ['AWSPREVIOUS'],
      v3: ['AWSCURRENT', 'AWSPENDING'],
    })
    await client.updateSecretVersionStage({ ...move, MoveToVersionId: second, RemoveFromVersionId: third })
    expect(await sandbox.stages(SecretId, ids)).toEqual({ v1: [], v2: ['AWSCURRENT'], v3: ['AWSPREVIOUS'] })
  })

  test('a new version takes AWSPENDING, too, from the version that it follows as AWSCURRENT', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const ids: string[] = await secretWithPending(sandbox)
    const [, second, third] = ids
    await client.updateSecretVersionStage({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: third,
      RemoveFromVersionId: second,
    })
    const { VersionId = '' } = await client.putSecretValue({ SecretId, SecretString: 'v4' })
    expect(await sandbox.stages(SecretId, [...ids, VersionId])).toEqual({
      v1: [],
      v2: [],
      v3: ['AWSPREVIOUS'],
      v4: ['AWSCURRENT'],
    })
  })

  test('adds a label that no version has, and takes it away', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const ids = await sandbox.versions(SecretId, 1)
    const [first] = ids
    await client.updateSecretVersionStage({ SecretId, VersionStage: 'mine', MoveToVersionId: first })
    expect(await sandbox.stages(SecretId, ids)).toEqual({ v1: ['AWSCURRENT', 'mine'] })
    await client.updateSecretVersionStage({ SecretId, VersionStage: 'mine', RemoveFromVersionId: first })
    expect(await sandbox.stages(SecretId, ids)).toEqual({ v1: ['AWSCURRENT'] })
  })

  test('refuses every move that does not name the version with the label', async () => {
    await using sandbox = await secretsManagerForTest()
    const ids = await secretWithPending(sandbox)
    const [first, second, third] = ids
    const before = await sandbox.stages(SecretId, ids)
    const move = (VersionStage: string, from?: string, to?: string) =>
      refusal(
        sandbox.client.updateSecretVersionStage({
          SecretId,
          VersionStage,
          RemoveFromVersionId: from,
          MoveToVersionId: to,
        }),
      )
    expect(await move('AWSCURRENT', undefined, third), 'from is not said').toBe('InvalidParameterException')
    expect(await move('AWSCURRENT', first, third), 'from has not the label').toBe('InvalidParameterException')
    expect(await move('AWSCURRENT', second), 'AWSCURRENT has to be somewhere').toBe('InvalidParameterException')
    expect(await move('AWSPENDING'), 'neither is said').toBe('InvalidParameterException')
    expect(await move('AWSCURRENT', second, randomUUID()), 'to is not there').toBe('ResourceNotFoundException')
    expect(await move('AWSCURRENT', randomUUID(), third), 'from is not there').toBe('ResourceNotFoundException')
    expect(await sandbox.stages(SecretId, ids)).toEqual(before)
  })
})

test('past 100 versions the oldest deprecated ones go, but none younger than a day', async () => {
  let now = new Date('2026-11-01T00:00:00Z')
  await using sandbox = await secretsManagerForTest(() => now)
  const { client } = sandbox
  const ids = await sandbox.versions(SecretId, 1)
  await client.updateSecretVersionStage({ SecretId, VersionStage: 'kept', MoveToVersionId: ids[0] })
  const put = async (count: number) => {
    for (let index = 0; index < count; index++) {
      ids.push((await client.putSecretValue({ SecretId, SecretString: 'v' })).VersionId ?? '')
    }
  }
  const kept = async () => {
    const found: string[] = []
    let NextToken: string | undefined
    do {
      const page = await client.listSecretVersionIds({ SecretId, IncludeDeprecated: true, NextToken })
      found.push(...(page.Versions ?? []).map(({ VersionId }) => `v${ids.indexOf(VersionId ?? '') + 1}`))
      NextToken = page.NextToken
    } while (NextToken !== undefined)
    return found
  }
  await put(109)
  expect(await kept(), 'all of one day').toHaveLength(110)
  now = new Date('2026-11-02T00:00:00Z')
  await put(1)
  const left = await kept()
  expect(left).toHaveLength(100)
  expect(left.slice(0, 3), 'the labelled one and the younger ones').toEqual(['v1', 'v13', 'v14'])
})
