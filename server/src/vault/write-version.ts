import { randomUUID } from 'node:crypto'
import type { Call } from './secrets-manager.ts'
import { isRefusal, nameInFlux, unexpectedAnswer } from './vault-failure.ts'

export interface WrittenVersion {
  secretArn: string
  secretVersionId: string
  /** the version's id was taken by other bytes, so it got another one (F54): a bug somewhere, the caller's alarm */
  tokenTaken: boolean
  /**
   * The secret was made with it, so that AWSCURRENT is on it. Secrets Manager says so as well of a version that was
   * added to a secret, when the same is written once more (F53).
   */
  isFirst: boolean
}

/** What a secret is made as; without a key of ours, AWS's own for Secrets Manager encrypts it. */
export interface NewSecret {
  Name: string
  KmsKeyId?: string
}

/** Where a new version waits until the row points to it; whichever had the label before can still be read by its id. */
const VersionStages = ['AWSPENDING']

/**
 * Writes a text as a new version of a secret, whether the name is free, taken (F50), or waits for its deletion
 * (F51). AWSCURRENT stays where it is; only the first version of all has it from the start.
 * @param known ARN of the secret that the account has already; `secret` is made where that one is gone (S10)
 * @param versionId a UUID that becomes the version's id; the same call again writes nothing new (F53)
 */
export async function writeVersion(
  call: Call,
  { known, ...secret }: NewSecret & { known?: string | undefined },
  versionId: string,
  text: string,
  signal: AbortSignal,
): Promise<WrittenVersion> {
  const version = { ClientRequestToken: versionId, SecretString: text }
  try {
    const kept = known === undefined ? undefined : await putIntoKnown(call, known, version, signal)
    if (kept) return kept
    return (await createSecret(call, secret, version, signal)) ?? (await putVersion(call, secret.Name, version, signal))
  } catch (error) {
    throw isRefusal(error, 'InvalidRequestException', 'ResourceNotFoundException') ? nameInFlux() : error
  }
}

interface Version {
  ClientRequestToken: string
  SecretString: string
}

/** @returns undefined when the secret is there, or was scheduled for deletion and is restored */
async function createSecret(
  call: Call,
  secret: NewSecret,
  version: Version,
  signal: AbortSignal,
): Promise<WrittenVersion | undefined> {
  try {
    const answer = await call((aws, options) => aws.createSecret({ ...secret, ...version }, options), signal)
    return { ...written(answer), isFirst: true }
  } catch (error) {
    if (isRefusal(error, 'ResourceExistsException')) return undefined
    if (!isRefusal(error, 'InvalidRequestException')) throw error
    // After a disconnect it waits for its deletion, and keeps its name meanwhile.
    await call((aws, options) => aws.restoreSecret({ SecretId: secret.Name }, options), signal)
    return undefined
  }
}

/** @returns undefined when there is no such secret any more */
async function putIntoKnown(
  call: Call,
  secretArn: string,
  version: Version,
  signal: AbortSignal,
): Promise<WrittenVersion | undefined> {
  try {
    return await putVersion(call, secretArn, version, signal)
  } catch (error) {
    if (isRefusal(error, 'ResourceNotFoundException')) return undefined
    if (!isRefusal(error, 'InvalidRequestException')) throw error
    await call((aws, options) => aws.restoreSecret({ SecretId: secretArn }, options), signal)
    return putVersion(call, secretArn, version, signal)
  }
}

async function putVersion(
  call: Call,
  secretId: string,
  version: Version,
  signal: AbortSignal,
): Promise<WrittenVersion> {
  const put = async (input: Version) =>
    written(
      await call(
        (aws, options) => aws.putSecretValue({ SecretId: secretId, ...input, VersionStages }, options),
        signal,
      ),
    )
  try {
    return await put(version)
  } catch (error) {
    if (!isRefusal(error, 'ResourceExistsException')) throw error
    return { ...(await put({ ...version, ClientRequestToken: randomUUID() })), tokenTaken: true }
  }
}

function written({ ARN, VersionId }: { ARN?: string | undefined; VersionId?: string | undefined }): WrittenVersion {
  if (ARN && VersionId) return { secretArn: ARN, secretVersionId: VersionId, tokenTaken: false, isFirst: false }
  throw unexpectedAnswer()
}

/**
 * Adds a version to a secret that is in use. It creates and restores nothing: who disconnected meanwhile stays
 * disconnected (F100).
 * @returns false when there is no such secret, or it waits for its deletion
 */
export async function addVersion(
  call: Call,
  secretId: string,
  versionId: string,
  text: string,
  signal: AbortSignal,
): Promise<boolean> {
  const put = { SecretId: secretId, ClientRequestToken: versionId, SecretString: text, VersionStages }
  try {
    await call((aws, options) => aws.putSecretValue(put, options), signal)
    return true
  } catch (error) {
    if (isRefusal(error, 'ResourceNotFoundException', 'InvalidRequestException')) return false
    throw error
  }
}
