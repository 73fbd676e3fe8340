import { randomUUID } from 'node:crypto'
import type { Call } from './secrets-manager.ts'
import type { Grant } from '../practice.ts'
import { readVersion } from './read-secret.ts'
import { grantText, readGrantText } from './secret-text.ts'
import { isRefusal, nameInFlux, unexpectedAnswer } from './vault-failure.ts'
import type { NewSecret } from './write-version.ts'

/**
 * Keeps the keys of an attempt in a secret of their own; the same call again writes nothing new. Other keys for the
 * same attempt replace them.
 * @returns the secret's ARN
 */
export async function keepGrant(
  call: Call,
  secret: NewSecret,
  attemptId: string,
  grant: Grant,
  signal: AbortSignal,
): Promise<string> {
  const SecretString = grantText(grant)
  const create = { ...secret, ClientRequestToken: attemptId, SecretString }
  const put = { SecretId: secret.Name, ClientRequestToken: randomUUID(), SecretString }
  try {
    const { ARN } = await call((aws, options) => aws.createSecret(create, options), signal).catch((error: unknown) => {
      if (!isRefusal(error, 'ResourceExistsException')) throw error
      return call((aws, options) => aws.putSecretValue(put, options), signal)
    })
    if (ARN === undefined) throw unexpectedAnswer()
    return ARN
  } catch (error) {
    throw isRefusal(error, 'InvalidRequestException', 'ResourceNotFoundException') ? nameInFlux() : error
  }
}

/** @throws {ConnectionFailure} KEYS_UNREADABLE when it is not what `keepGrant` writes (F58) */
export async function readGrant(call: Call, secretId: string, signal: AbortSignal): Promise<Grant | undefined> {
  const found = await readVersion(call, secretId, undefined, signal)
  return found && readGrantText(found.text)
}
