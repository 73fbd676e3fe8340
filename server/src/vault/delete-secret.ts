import type { Call } from './secrets-manager.ts'
import { describeSecret } from './read-secret.ts'
import { isRefusal } from './vault-failure.ts'

/** Days for which a deletion can be taken back; the longest that Secrets Manager has. */
export const recoveryWindow = 30

/** Also fine where there is no such secret, or its deletion is scheduled or under way. */
export async function deleteSecret(
  call: Call,
  secretId: string,
  how: { RecoveryWindowInDays: number } | { ForceDeleteWithoutRecovery: true },
  signal: AbortSignal,
): Promise<void> {
  try {
    await call((aws, options) => aws.deleteSecret({ SecretId: secretId, ...how }, options), signal)
  } catch (error) {
    if (isRefusal(error, 'ResourceNotFoundException')) return
    // Documented for a secret that is scheduled already.
    if (!isRefusal(error, 'InvalidRequestException')) throw error
    if ((await describeSecret(call, secretId, signal)).state === 'present') throw error
  }
}
