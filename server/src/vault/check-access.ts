import { randomUUID } from 'node:crypto'
import type { Call } from './secrets-manager.ts'
import { VaultFailure } from './vault-failure.ts'

/**
 * Asks for operations that a connection needs, on a secret that does not exist: with the right to it Secrets Manager
 * answers ResourceNotFoundException, without it AccessDeniedException, and nothing is changed either way. CreateSecret
 * and the KMS key cannot be proven so (decision 19).
 * @param name below our prefix; no account has it
 * @throws {VaultFailure} CONFIG naming the operation that was refused; STORAGE_UNAVAILABLE without a verdict
 */
export async function checkAccess(call: Call, name: string, signal: AbortSignal): Promise<void> {
  const of = { SecretId: name }
  const version = { ClientRequestToken: randomUUID(), SecretString: 'preflight' }
  const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: version.ClientRequestToken }
  const operations: Record<string, Parameters<Call>[0]> = {
    DescribeSecret: (aws, options) => aws.describeSecret(of, options),
    GetSecretValue: (aws, options) => aws.getSecretValue(of, options),
    PutSecretValue: (aws, options) => aws.putSecretValue({ ...of, ...version }, options),
    UpdateSecretVersionStage: (aws, options) => aws.updateSecretVersionStage({ ...of, ...move }, options),
    RestoreSecret: (aws, options) => aws.restoreSecret(of, options),
  }
  for (const [operation, ask] of Object.entries(operations)) {
    try {
      await call(ask, signal)
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error
      // There is no such secret, or whatever else it says of the call: we may make it.
      const isAnswered = error.code !== 'CONFIG' && error.reason === undefined
      if (isAnswered || error.errorName === 'LimitExceededException') continue
      throw new VaultFailure(error.code, `${operation}: ${error.message}`, error.errorName, error.reason)
    }
  }
}
