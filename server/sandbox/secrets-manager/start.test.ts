import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startSecretsManager } from './start.ts'
import { clientOf, refusal, secretsManagerForTest } from './test-client.ts'

const name = 'parlae/pms/sikka/account-1'

describe('the protocol', () => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=demo/20261121/us-east-1/secretsmanager/aws4_request'
  const send = (origin: string, headers: Record<string, string>, body = '{}') =>
    fetch(origin, { method: 'POST', headers, body })

  test('answers an error as AWS does: type in body and header, HTTP 400', async () => {
    await using sandbox = await secretsManagerForTest()
    const target = { authorization, 'x-amz-target': 'secretsmanager.GetSecretValue' }
    const answer = await send(sandbox.origin, target, '{"SecretId":"none"}')
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1')
    expect(answer.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException')
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await answer.json()).toMatchObject({
      __type: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    })
  })

  test('writes times as numbers of seconds', async () => {
    await using sandbox = await secretsManagerForTest(() => new Date('2026-11-21T10:00:00.250Z'))
    await sandbox.versions(name, 1)
    const target = { authorization, 'x-amz-target': 'secretsmanager.DescribeSecret' }
    const answer = await send(sandbox.origin, target, JSON.stringify({ SecretId: name }))
    expect(await answer.json()).toMatchObject({ CreatedDate: 1795255200.25 })
  })

  test.each([
    ['no signature', {}, '{}', 'MissingAuthenticationTokenException'],
    ['another scheme', { authorization: 'Bearer demo' }, '{}', 'MissingAuthenticationTokenException'],
    ['no operation', { authorization, 'x-amz-target': '' }, '{}', 'UnknownOperationException'],
    ['another service', { authorization, 'x-amz-target': 'kms.CreateSecret' }, '{}', 'UnknownOperationException'],
    ['no JSON', { authorization }, 'nonsense', 'SerializationException'],
    ['no object', { authorization }, '[]', 'InvalidParameterException'],
    ['no token', { authorization }, '{"Name":"a","SecretString":"v1"}', 'InvalidRequestException'],
    ['a number for a text', { authorization }, '{"Name":7}', 'InvalidParameterException'],
  ])('refuses %s', async (_, headers, body, type) => {
    await using sandbox = await secretsManagerForTest()
    const answer = await send(sandbox.origin, { 'x-amz-target': 'secretsmanager.CreateSecret', ...headers }, body)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-amzn-errortype')).toBe(type)
    expect((await sandbox.client.listSecrets({})).SecretList).toEqual([])
  })

  test('is found by the SDK through AWS_ENDPOINT_URL_SECRETS_MANAGER', async () => {
    await using sandbox = await secretsManagerForTest()
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', sandbox.origin)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'access_key_demo')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret_access_key_demo')
    const client = new SecretsManager({ region: 'us-east-1' })
    await client.createSecret({ Name: name, SecretString: 'v1' })
    client.destroy()
    expect(await sandbox.client.getSecretValue({ SecretId: name })).toMatchObject({ SecretString: 'v1' })
  })
})

test('the secrets outlive a restart, whole, with nothing half-written beside them', async () => {
  await using first = await secretsManagerForTest()
  const ids = await first.versions(name, 3)
  await first.versions('other', 1)
  await first.client.deleteSecret({ SecretId: 'other' })
  const before = await first.client.describeSecret({ SecretId: name })

  await using second = await startSecretsManager({ folder: first.folder })
  const client = clientOf(second.origin)
  expect(await client.describeSecret({ SecretId: name })).toMatchObject({
    ARN: before.ARN,
    CreatedDate: before.CreatedDate,
    VersionIdsToStages: before.VersionIdsToStages,
  })
  expect(await client.getSecretValue({ SecretId: name, VersionId: ids[0] })).toMatchObject({ SecretString: 'v1' })
  expect(await refusal(client.getSecretValue({ SecretId: 'other' }))).toBe('InvalidRequestException')
  client.destroy()

  const files = await readdir(first.folder)
  expect(files).toHaveLength(2)
  for (const file of files) expect(file).toMatch(/^[A-Za-z0-9-]+\.[A-Za-z0-9_-]{22}\.json$/)
})

test('a file that is not ours is a failure of the service, not a missing secret', async () => {
  await using sandbox = await secretsManagerForTest()
  await sandbox.versions(name, 1)
  const [file = ''] = await readdir(sandbox.folder)
  await writeFile(join(sandbox.folder, file), '{"half":')
  expect(await refusal(sandbox.client.getSecretValue({ SecretId: name }))).toBe('InternalServiceError')
})

test('GET /sandbox/calls counts each operation, those that fail too', async () => {
  await using sandbox = await secretsManagerForTest()
  await sandbox.versions(name, 3)
  await refusal(sandbox.client.getSecretValue({ SecretId: 'none' }))
  expect(await (await fetch(`${sandbox.origin}/sandbox/calls`)).json()).toEqual({
    CreateSecret: 1,
    PutSecretValue: 2,
    GetSecretValue: 1,
    DescribeSecret: 0,
    UpdateSecretVersionStage: 0,
    DeleteSecret: 0,
    RestoreSecret: 0,
    TagResource: 0,
    UntagResource: 0,
    ListSecretVersionIds: 0,
    ListSecrets: 0,
  })
})

test('the region is in the ARN', async () => {
  await using first = await secretsManagerForTest()
  await using sandbox = await startSecretsManager({ folder: first.folder, region: 'ca-central-1' })
  const client = clientOf(sandbox.origin)
  const { ARN } = await client.createSecret({ Name: name })
  expect(ARN).toMatch(/^arn:aws:secretsmanager:ca-central-1:000000000000:secret:/)
  expect(await refusal(client.describeSecret({ SecretId: ARN }))).toBe('none')
  client.destroy()
})
