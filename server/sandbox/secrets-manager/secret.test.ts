import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { refusal, secretsManagerForTest } from './test-client.ts'

const name = 'parlae/pms/sikka/account-1'
const arnOf = (secret: string) => expect.stringMatching(new RegExp(`^${arnStart}${secret}-[A-Za-z0-9]{6}$`)) as string
const arnStart = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:'

describe('CreateSecret', () => {
  test('makes a secret with a first version, AWSCURRENT, whose id is the token', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const token = randomUUID()
    const Tags = [{ Key: 'environment', Value: 'test' }]
    const created = await client.createSecret({
      Name: name,
      ClientRequestToken: token,
      SecretString: 'v1',
      Description: 'of a test',
      Tags,
    })
    expect(created).toMatchObject({ ARN: arnOf(name), Name: name, VersionId: token })
    expect(await client.getSecretValue({ SecretId: name })).toMatchObject({
      ARN: created.ARN,
      Name: name,
      VersionId: token,
      SecretString: 'v1',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: expect.any(Date) as Date,
    })
    expect(await client.describeSecret({ SecretId: created.ARN })).toMatchObject({
      Name: name,
      Description: 'of a test',
      Tags,
      CreatedDate: expect.any(Date) as Date,
      LastChangedDate: expect.any(Date) as Date,
      LastAccessedDate: expect.any(Date) as Date,
      VersionIdsToStages: { [token]: ['AWSCURRENT'] },
    })
  })

  test('without a value makes a secret without a version; the first version is AWSCURRENT whatever its labels', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const created = await client.createSecret({ Name: name })
    expect(created.VersionId).toBeUndefined()
    expect((await client.describeSecret({ SecretId: name })).VersionIdsToStages).toBeUndefined()
    expect(await refusal(client.getSecretValue({ SecretId: name }))).toBe('ResourceNotFoundException')
    const put = await client.putSecretValue({ SecretId: name, SecretString: 'v1', VersionStages: ['AWSPENDING'] })
    expect(put.VersionStages).toEqual(['AWSCURRENT', 'AWSPENDING'])
  })

  test('of a name that is taken is refused (F50), unless it is the same call come again', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const first = { Name: name, ClientRequestToken: randomUUID(), SecretString: 'v1' }
    const created = await client.createSecret(first)
    expect(await client.createSecret(first)).toMatchObject({ ARN: created.ARN, VersionId: first.ClientRequestToken })
    expect(await refusal(client.createSecret({ ...first, SecretString: 'v2' }))).toBe('ResourceExistsException')
    expect(await refusal(client.createSecret({ Name: name, SecretString: 'v1' }))).toBe('ResourceExistsException')
    expect(await refusal(client.createSecret({ Name: name }))).toBe('ResourceExistsException')
    expect(await client.getSecretValue({ SecretId: name })).toMatchObject({ SecretString: 'v1' })
  })

  test('of one name at once makes one secret', async () => {
    await using sandbox = await secretsManagerForTest()
    const calls = Array.from({ length: 20 }, () =>
      refusal(sandbox.client.createSecret({ Name: name, SecretString: 'v1' })),
    )
    const refusals = await Promise.all(calls)
    expect(refusals.filter((one) => one === 'none')).toHaveLength(1)
    expect(refusals.filter((one) => one === 'ResourceExistsException')).toHaveLength(19)
  })
})

describe('SecretId', () => {
  test('is the name or the whole ARN; a partial ARN, or one of elsewhere, finds nothing', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const describes = (id: string) => refusal(client.describeSecret({ SecretId: id }))
    const { ARN = '' } = await client.createSecret({ Name: name, SecretString: 'v1' })
    expect(await describes(name)).toBe('none')
    expect(await describes(ARN)).toBe('none')
    for (const wrong of [
      ARN.slice(0, -7),
      `${ARN.slice(0, -6)}------`,
      ARN.replace('us-east-1', 'eu-west-1'),
      ARN.replace('000000000000', '000000000001'),
      'arn:aws:secretsmanager',
      'parlae/pms/sikka/account-2',
    ]) {
      expect([wrong, await describes(wrong)]).toEqual([wrong, 'ResourceNotFoundException'])
    }
  })

  test('tells names apart that end like an ARN, or differ only where a file name cannot', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const names = [
      'a/b',
      'a-b',
      'a_b',
      'A/B',
      'a',
      'a-abcdef',
      '..',
      '../a',
      `${'x'.repeat(511)}1`,
      `${'x'.repeat(511)}2`,
    ]
    const created = await Promise.all(
      names.map((Name) => client.createSecret({ Name, SecretString: `value of ${Name}` })),
    )
    for (const [index, one] of names.entries()) {
      for (const SecretId of [one, created[index]?.ARN]) {
        expect(await client.getSecretValue({ SecretId })).toMatchObject({ Name: one, SecretString: `value of ${one}` })
      }
    }
    expect(await refusal(client.getSecretValue({ SecretId: `${arnStart}a-abcdef` }))).toBe('ResourceNotFoundException')
  })

  test.each(['with blank', 'with*star', 'ä', 'line\nbreak'])('refuses the name %j', async (Name) => {
    await using sandbox = await secretsManagerForTest()
    expect(await refusal(sandbox.client.createSecret({ Name }))).toBe('ValidationException')
    expect(await refusal(sandbox.client.getSecretValue({ SecretId: Name }))).toBe('ValidationException')
  })
})

describe('a value', () => {
  test('is text or bytes, byte for byte, up to 65536 bytes', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const bytes = new Uint8Array(65_536).map((_, index) => index % 256)
    await client.createSecret({ Name: name, SecretBinary: bytes })
    expect((await client.getSecretValue({ SecretId: name })).SecretBinary).toEqual(bytes)
    const text = 'é'.repeat(32_768)
    await client.putSecretValue({ SecretId: name, SecretString: text })
    const read = await client.getSecretValue({ SecretId: name })
    expect(read.SecretString).toBe(text)
    expect(read.SecretBinary).toBeUndefined()
    for (const tooLong of [{ SecretString: `${text}a` }, { SecretBinary: new Uint8Array(65_537) }]) {
      expect(await refusal(client.putSecretValue({ SecretId: name, ...tooLong }))).toBe('InvalidParameterException')
    }
  })

  test('is one of the two', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const both = { SecretString: 'v1', SecretBinary: new Uint8Array([1]) }
    expect(await refusal(client.createSecret({ Name: name, ...both }))).toBe('InvalidParameterException')
    await client.createSecret({ Name: name })
    expect(await refusal(client.putSecretValue({ SecretId: name, ...both }))).toBe('InvalidParameterException')
    expect(await refusal(client.putSecretValue({ SecretId: name }))).toBe('InvalidRequestException')
  })
})

describe('tags', () => {
  test('are added, overwritten and taken away', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    await client.createSecret({ Name: name, Tags: [{ Key: 'a', Value: '1' }] })
    await client.tagResource({
      SecretId: name,
      Tags: [
        { Key: 'a', Value: '2' },
        { Key: 'b', Value: '' },
      ],
    })
    const tags = async () => (await client.describeSecret({ SecretId: name })).Tags
    expect(await tags()).toEqual([
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '' },
    ])
    await client.untagResource({ SecretId: name, TagKeys: ['a', 'c'] })
    expect(await tags()).toEqual([{ Key: 'b', Value: '' }])
    await client.untagResource({ SecretId: name, TagKeys: ['b'] })
    expect(await tags()).toBeUndefined()
  })

  test('are 50 at the most, of different keys, none of them of AWS', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `tag-${index}`, Value: '' }))
    await client.createSecret({ Name: name, Tags })
    const add = (Key: string, times = 1) =>
      refusal(client.tagResource({ SecretId: name, Tags: Array.from({ length: times }, () => ({ Key, Value: '1' })) }))
    expect(await add('tag-0')).toBe('none')
    expect(await add('tag-50')).toBe('InvalidParameterException')
    expect(await add('tag-1', 2)).toBe('InvalidParameterException')
    await client.untagResource({ SecretId: name, TagKeys: ['tag-2'] })
    expect(await add('aws:mine')).toBe('InvalidParameterException')
  })
})

test('ListSecrets lists pages, oldest first, by the beginning of the name', async () => {
  let now = Date.parse('2026-11-21T10:00:00Z')
  await using sandbox = await secretsManagerForTest(() => new Date((now += 1000)))
  const { client } = sandbox
  for (const Name of ['b/1', 'a/1', 'b/2', 'b/3']) await client.createSecret({ Name, SecretString: 'v1' })
  await client.deleteSecret({ SecretId: 'b/3' })
  const names = async (input: Parameters<typeof client.listSecrets>[0]) => {
    const { SecretList = [], NextToken } = await client.listSecrets(input)
    return { names: SecretList.map(({ Name }) => Name), NextToken }
  }
  expect(await names({})).toEqual({ names: ['b/1', 'a/1', 'b/2'], NextToken: undefined })
  expect(await names({ IncludePlannedDeletion: true })).toMatchObject({ names: ['b/1', 'a/1', 'b/2', 'b/3'] })
  expect(await names({ Filters: [{ Key: 'name', Values: ['b/'] }] })).toMatchObject({ names: ['b/1', 'b/2'] })
  const first = await names({ MaxResults: 2 })
  expect(first.names).toEqual(['b/1', 'a/1'])
  const { NextToken = '' } = first
  expect(await names({ MaxResults: 2, NextToken })).toEqual({ names: ['b/2'], NextToken: undefined })
  expect(await refusal(client.listSecrets({ NextToken: 'nonsense' }))).toBe('InvalidNextTokenException')
})
