import { ConnectionFailure } from '../failure.ts'
import type { Call } from './secrets-manager.ts'
import { describeSecret } from './read-secret.ts'
import { isRefusal } from './vault-failure.ts'

/**
 * Moves AWSCURRENT from one version to another, if it is still on the first: who looked too long ago cannot make
 * old keys current again. The same call again is fine.
 * @param from undefined when no version has the label
 * @returns whether it is on `to` now; false when it was elsewhere already, or the secret is gone or waits for its
 *   deletion
 * @throws {ConnectionFailure} KEYS_UNREADABLE when there is no version `to`
 */
export async function promoteVersion(
  call: Call,
  secretId: string,
  from: string | undefined,
  to: string,
  signal: AbortSignal,
): Promise<boolean> {
  const move = { SecretId: secretId, VersionStage: 'AWSCURRENT', RemoveFromVersionId: from, MoveToVersionId: to }
  try {
    await call((aws, options) => aws.updateSecretVersionStage(move, options), signal)
    return true
  } catch (error) {
    const isKnown = isRefusal(
      error,
      'InvalidParameterException',
      'InvalidRequestException',
      'ResourceNotFoundException',
    )
    if (!isKnown) throw error
    const secret = await describeSecret(call, secretId, signal)
    if (secret.state !== 'present') return false
    // An earlier try may have moved it, with its answer lost.
    if (secret.currentVersionId === to) return true
    if (secret.currentVersionId !== from) return false
    // It is where the caller says: `false` would make the caller look, and try, for ever.
    if (!isRefusal(error, 'ResourceNotFoundException')) throw error
    throw new ConnectionFailure('KEYS_UNREADABLE', 'The version that is to be current is gone')
  }
}
