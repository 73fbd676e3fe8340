import { SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { ConnectionFailure, type FailureReason } from '../failure.ts'

/** A call to Secrets Manager that failed. */
export class VaultFailure extends ConnectionFailure {
  /** the name of AWS's or Node's error, for the step that knows what to do with it */
  readonly errorName: string

  constructor(code: ConnectionErrorCode, message: string, errorName: string, reason?: FailureReason) {
    super(code, message, reason === undefined ? {} : { reason })
    this.errorName = errorName
  }
}

/** Who we are: fetching credentials anew may mend it, once (F61, S13). */
const credentialErrors = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidIdentityToken',
  'InvalidSignature',
  'MissingAuthenticationToken',
  'RequestExpired',
  'TokenProviderError',
  'UnrecognizedClient',
])

/** Who we are, what we may, the key that encrypts (F55, F61): wrong for as long as nobody changes it. */
const settingsErrors = new Set([
  ...credentialErrors,
  'AccessDenied',
  'DecryptionFailure',
  'EncryptionFailure',
  'NotAuthorized',
  'OptInRequired',
])

/** Refusals for now, HTTP 400 for the most part. */
const passingErrors = new Set([
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestTimeout',
  'SlowDown',
  'Throttled',
  'Throttling',
  'TooManyRequests',
  'TransactionInProgress',
])

/** More versions than Secrets Manager keeps: writing on makes it worse, and only a person can help (F59). */
const quotaError = 'LimitExceeded'

/**
 * What the SDK threw, as a failure of ours. Only names, codes and the HTTP status are taken from it: its message
 * may name the secret, our role, or the key.
 * @param sent what is known of a call that ended without an answer; undefined when it was never begun
 */
export function vaultFailure(error: unknown, sent?: 'not_sent' | 'unclear'): VaultFailure {
  if (error instanceof VaultFailure) return error
  const errorName = nameOf(error)
  const kind = kindOf(errorName)
  const status = error instanceof SecretsManagerServiceException ? error.$metadata.httpStatusCode : undefined
  const what = [errorName, systemCodeOf(error), status && `HTTP ${status}`].filter(Boolean).join(', ')
  if (settingsErrors.has(kind)) {
    return new VaultFailure('CONFIG', `Secrets Manager refuses this server: ${what}`, errorName)
  }
  if (kind === quotaError) {
    return new VaultFailure('CONFIG', `A quota of Secrets Manager is reached: ${what}`, errorName)
  }
  const isFinal = status !== undefined && status < 500 && status !== 429 && !passingErrors.has(kind)
  // Throttled is the last of several tries; those before it may have been received.
  const reason = isFinal ? undefined : status === undefined ? sent : 'unclear'
  return new VaultFailure('STORAGE_UNAVAILABLE', `Secrets Manager did not do it: ${what}`, errorName, reason)
}

/** Whether what the SDK threw is about our credentials. */
export function isCredentialError(error: unknown): boolean {
  return credentialErrors.has(kindOf(nameOf(error)))
}

/** Whether Secrets Manager refused the call with one of these errors. */
export function isRefusal(error: unknown, ...names: string[]): error is VaultFailure {
  return error instanceof VaultFailure && names.includes(error.errorName)
}

/**
 * A name that is neither free nor in use: AWS deletes in the background, also what is to be deleted at once, and
 * answers as if the secret waited for its deletion, was gone, or both by turns (F60). Over in a while: to be tried
 * again, later than now.
 */
export function nameInFlux(): ConnectionFailure {
  return new ConnectionFailure('STORAGE_UNAVAILABLE', 'A secret of this name is still being deleted', {
    reason: 'limited',
  })
}

/** An answer without what Secrets Manager always says. */
export function unexpectedAnswer(): VaultFailure {
  return new VaultFailure(
    'STORAGE_UNAVAILABLE',
    'Secrets Manager answered without ARN or version',
    'Unexpected',
    'unclear',
  )
}

function kindOf(errorName: string): string {
  return errorName.replace(/Exception$/, '')
}

/** Whoever answers chooses the name; only what looks like one goes into a log. */
function nameOf(error: unknown): string {
  return error instanceof Error && /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : 'unknown'
}

/** Node's code, such as ECONNREFUSED. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined
}
