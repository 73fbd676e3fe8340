import type { Call } from './secrets-manager.ts'
import { isRefusal, unexpectedAnswer } from './vault-failure.ts'

/** What Secrets Manager says of a secret without its values. */
export type DescribedSecret =
  | { state: 'absent' }
  | {
      state: 'present' | 'deleting'
      secretArn: string
      currentVersionId: string | undefined
      /** of the versions with a label; one without can still be read by its id, for a day at least */
      versionIds: readonly string[]
    }

export async function describeSecret(call: Call, secretId: string, signal: AbortSignal): Promise<DescribedSecret> {
  try {
    const {
      ARN,
      DeletedDate,
      VersionIdsToStages = {},
    } = await call((aws, options) => aws.describeSecret({ SecretId: secretId }, options), signal)
    if (!ARN) throw unexpectedAnswer()
    const versionIds = Object.keys(VersionIdsToStages)
    return {
      state: DeletedDate ? 'deleting' : 'present',
      secretArn: ARN,
      currentVersionId: versionIds.find((id) => VersionIdsToStages[id]?.includes('AWSCURRENT')),
      versionIds,
    }
  } catch (error) {
    if (isRefusal(error, 'ResourceNotFoundException')) return { state: 'absent' }
    throw error
  }
}

/**
 * The text of one version, or without `versionId` of the current one.
 * @returns undefined without such a secret or version, and while the secret waits for its deletion
 */
export async function readVersion(
  call: Call,
  secretId: string,
  versionId: string | undefined,
  signal: AbortSignal,
): Promise<{ secretArn: string; text: string | undefined } | undefined> {
  try {
    const { ARN, SecretString } = await call(
      (aws, options) => aws.getSecretValue({ SecretId: secretId, VersionId: versionId }, options),
      signal,
    )
    if (!ARN) throw unexpectedAnswer()
    return { secretArn: ARN, text: SecretString }
  } catch (error) {
    if (isRefusal(error, 'ResourceNotFoundException', 'InvalidRequestException')) return undefined
    throw error
  }
}
