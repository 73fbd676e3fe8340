import { describe, expect, it } from 'vitest'
import { refusal, secretsManagerForTest } from './test-client.ts'

const SecretId = 'parlae/pms/sikka/account-1'

describe('an error that the stand-in is told to answer with', () => {
  it('is given for its operation, so many times, and the operation is not carried out', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    const [first] = await sandbox.versions(SecretId, 1)
    sandbox.fail({ operation: 'PutSecretValue', error: 'ThrottlingException', times: 2 })
    const put = () => refusal(client.putSecretValue({ SecretId, SecretString: 'v2' }))
    expect(await put()).toBe('ThrottlingException')
    expect(await refusal(client.getSecretValue({ SecretId })), 'another operation').toBe('none')
    expect(await put()).toBe('ThrottlingException')
    expect((await client.getSecretValue({ SecretId })).VersionId).toBe(first)
    expect(await put()).toBe('none')
    expect(sandbox.calls()).toMatchObject({ PutSecretValue: 3, GetSecretValue: 2 })
  })

  it('of all operations is given where an operation has none of its own, until it is healed', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    await sandbox.versions(SecretId, 1)
    sandbox.fail({ error: 'AccessDeniedException' })
    sandbox.fail({ operation: 'GetSecretValue', error: 'DecryptionFailure', times: 1 })
    expect(await refusal(client.getSecretValue({ SecretId }))).toBe('DecryptionFailure')
    expect(await refusal(client.getSecretValue({ SecretId }))).toBe('AccessDeniedException')
    expect(await refusal(client.listSecrets({}))).toBe('AccessDeniedException')
    sandbox.heal()
    expect(await refusal(client.getSecretValue({ SecretId }))).toBe('none')
  })

  it('replaces an earlier one of the same operation', async () => {
    await using sandbox = await secretsManagerForTest()
    sandbox.fail({ operation: 'ListSecrets', error: 'ThrottlingException' })
    sandbox.fail({ operation: 'ListSecrets', error: 'InternalServiceError', times: 1 })
    expect(await refusal(sandbox.client.listSecrets({}))).toBe('InternalServiceError')
    expect(await refusal(sandbox.client.listSecrets({}))).toBe('none')
  })

  it('can be the answer to what was done', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client } = sandbox
    sandbox.fail({ operation: 'CreateSecret', error: 'InternalServiceError', times: 1, done: true })
    expect(await refusal(client.createSecret({ Name: SecretId, SecretString: 'v1' }))).toBe('InternalServiceError')
    expect(await client.getSecretValue({ SecretId })).toMatchObject({ SecretString: 'v1' })
  })

  it('names the secret, as AWS does where it denies access', async () => {
    await using sandbox = await secretsManagerForTest()
    sandbox.fail({ error: 'AccessDeniedException' })
    await expect(sandbox.client.getSecretValue({ SecretId })).rejects.toThrow(SecretId)
    await expect(sandbox.client.createSecret({ Name: SecretId, SecretString: 'v1' })).rejects.toThrow(SecretId)
  })

  it.each([
    ['ThrottlingException', undefined, 400],
    ['InternalServiceError', undefined, 500],
    ['TooManyRequestsException', 429, 429],
    ['ServiceUnavailable', 503, 503],
  ])('%s with status %s is HTTP %i', async (error, status, expected) => {
    await using sandbox = await secretsManagerForTest()
    sandbox.fail({ error, ...(status === undefined ? {} : { status }) })
    await expect(sandbox.client.listSecrets({})).rejects.toMatchObject({ $metadata: { httpStatusCode: expected } })
  })
})

describe('/sandbox/errors', () => {
  const send = async (origin: string, method: 'PUT' | 'DELETE', body?: string) => {
    const answer = await fetch(`${origin}/sandbox/errors`, { method, ...(body === undefined ? {} : { body }) })
    return { status: answer.status, text: await answer.text() }
  }

  it('PUT sets an error, DELETE heals', async () => {
    await using sandbox = await secretsManagerForTest()
    const { client, origin } = sandbox
    const script = JSON.stringify({ operation: 'ListSecrets', error: 'ThrottlingException' })
    expect(await send(origin, 'PUT', script)).toEqual({ status: 204, text: '' })
    expect(await refusal(client.listSecrets({}))).toBe('ThrottlingException')
    expect(await send(origin, 'DELETE')).toEqual({ status: 204, text: '' })
    expect(await refusal(client.listSecrets({}))).toBe('none')
  })

  it.each([
    ['no JSON', 'nonsense', 'not_json'],
    ['an unknown operation', '{"operation":"Put","error":"ThrottlingException"}', 'operation'],
    ['no error', '{"operation":"ListSecrets"}', 'error'],
    ['no name of an error', '{"error":"not a name"}', 'error'],
    ['no time', '{"error":"ThrottlingException","times":0}', 'times'],
    ['a success', '{"error":"ThrottlingException","status":200}', 'status'],
    ['an unknown switch', '{"error":"ThrottlingException","time":1}', 'time'],
  ])('PUT of %s is refused, and changes nothing', async (_, body, named) => {
    await using sandbox = await secretsManagerForTest()
    const answer = await send(sandbox.origin, 'PUT', body)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(named)
    expect(await refusal(sandbox.client.listSecrets({}))).toBe('none')
  })
})
