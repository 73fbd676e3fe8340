import {
  CreateSecretCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  RestoreSecretCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager'
import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'

/** The keys of a connected practice. */
interface PracticeKeys {
  officeId: string
  secretKey: Redacted
  requestKey: Redacted
  refreshKey: Redacted | undefined
  tokenExpiry: Date
  practiceName: string
  practiceId: string
  pmsType: string
}

interface WrittenSecret {
  secretArn: string
  secretVersionId: string
}

/** AWS Secrets Manager: one secret an account. */
export interface Vault {
  /**
   * Writes the keys as the current version, whether the secret is new, exists, or waits for its deletion.
   * @param versionId a UUID that becomes the version's id; the same call again writes nothing new
   * @throws {ConnectionFailure} CONFIG when AWS refuses us, else STORAGE_UNAVAILABLE
   */
  write(accountId: string, versionId: string, keys: PracticeKeys, signal: AbortSignal): Promise<WrittenSecret>
  close(): void
}

/** Longest waits, milliseconds; the SDK tries three times with them. */
const limits = { connect: 1_000, request: 3_000 } as const

/** Endpoint and credentials come from the AWS SDK's own variables. */
export function secretsManagerVault(settings: { region: string; namePrefix: string }): Vault {
  const client = new SecretsManagerClient({
    region: settings.region,
    maxAttempts: 3,
    retryMode: 'standard',
    // Without the last one the SDK only warns when the time is over.
    requestHandler: { connectionTimeout: limits.connect, requestTimeout: limits.request, throwOnRequestTimeout: true },
  })
  return {
    async write(accountId, versionId, keys, signal) {
      const name = `${settings.namePrefix}${accountId}`
      const version = { ClientRequestToken: versionId, SecretString: secretText(keys) }
      const options = { abortSignal: signal }
      const put = () => client.send(new PutSecretValueCommand({ SecretId: name, ...version }), options)
      try {
        const written = await client
          .send(new CreateSecretCommand({ Name: name, ...version }), options)
          .catch((error: unknown) => {
            if (error instanceof ResourceExistsException) return put()
            throw error
          })
          .catch(async (error: unknown) => {
            if (!(error instanceof InvalidRequestException)) throw error
            // It waits for its deletion after a disconnect, and keeps its name meanwhile.
            await client.send(new RestoreSecretCommand({ SecretId: name }), options)
            return put()
          })
        if (!written.ARN || !written.VersionId) throw new Error('Secrets Manager answered without ARN or version')
        return { secretArn: written.ARN, secretVersionId: written.VersionId }
      } catch (error) {
        throw vaultFailure(error)
      }
    },
    close: () => client.destroy(),
  }
}

/** What a service that needs the practice's keys reads (contract, section 6, step 7). */
function secretText(keys: PracticeKeys): string {
  return JSON.stringify({
    officeId: keys.officeId,
    secretKey: keys.secretKey.reveal(),
    requestKey: keys.requestKey.reveal(),
    refreshKey: keys.refreshKey?.reveal() ?? null,
    tokenExpiry: keys.tokenExpiry.toISOString(),
    practiceName: keys.practiceName,
    practiceId: keys.practiceId,
    pmsType: keys.pmsType,
  })
}

const settingsErrors = new Set([
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'EncryptionFailure',
  'DecryptionFailure',
  'CredentialsProviderError',
  'ExpiredTokenException',
])

/** The SDK's message is left out: it may name the secret. */
function vaultFailure(error: unknown): ConnectionFailure {
  const name = error instanceof Error ? error.name : 'unknown'
  const status = error instanceof SecretsManagerServiceException ? `, HTTP ${error.$metadata.httpStatusCode}` : ''
  return settingsErrors.has(name)
    ? new ConnectionFailure('CONFIG', `Secrets Manager refuses this server: ${name}${status}`)
    : new ConnectionFailure('STORAGE_UNAVAILABLE', `The keys could not be stored: ${name}${status}`)
}
