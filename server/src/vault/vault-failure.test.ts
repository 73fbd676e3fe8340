import { SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { ConnectionFailure } from '../failure.ts'
import { isRefusal, nameInFlux, systemCodeOf, unexpectedAnswer, VaultFailure, vaultFailure } from './vault-failure.ts'

const refused = (name: string, httpStatusCode: number | 'none' = 400) =>
  new SecretsManagerServiceException({
    name,
    $fault: 'client',
    $metadata: httpStatusCode === 'none' ? {} : { httpStatusCode },
    message: 'arn:aws:iam::000000000000:role/demo may not read demo',
  })
const seen = (error: unknown, sent?: 'not_sent' | 'unclear') => {
  const { code, message, errorName, reason } = vaultFailure(error, sent)
  return { code, message, errorName, reason }
}
const named = (name: string, code?: unknown) => Object.assign(new Error('demo'), { name, ...(code ? { code } : {}) })

describe('F55, F61: a refusal that lasts until somebody changes a setting', () => {
  it.each([
    'AccessDenied',
    'CredentialsProviderError',
    'DecryptionFailure',
    'EncryptionFailure',
    'ExpiredToken',
    'IncompleteSignature',
    'InvalidClientTokenId',
    'InvalidIdentityToken',
    'InvalidSignature',
    'MissingAuthenticationToken',
    'NotAuthorized',
    'OptInRequired',
    'RequestExpired',
    'TokenProviderError',
    'UnrecognizedClient',
  ])('%s, with Exception behind it or not', (name) => {
    for (const errorName of [name, `${name}Exception`]) {
      expect(seen(refused(errorName), 'unclear')).toEqual({
        code: 'CONFIG',
        message: `Secrets Manager refuses this server: ${errorName}, HTTP 400`,
        errorName,
        reason: undefined,
      })
    }
  })

  it('before anything was sent', () => {
    expect(seen(named('CredentialsProviderError'), 'not_sent')).toEqual({
      code: 'CONFIG',
      message: 'Secrets Manager refuses this server: CredentialsProviderError',
      errorName: 'CredentialsProviderError',
      reason: undefined,
    })
  })
})

it('F59: a quota asks for a person', () => {
  expect(seen(refused('LimitExceededException'), 'unclear')).toEqual({
    code: 'CONFIG',
    message: 'A quota of Secrets Manager is reached: LimitExceededException, HTTP 400',
    errorName: 'LimitExceededException',
    reason: undefined,
  })
})

describe('F52: what may pass', () => {
  it.each([
    'PriorRequestNotComplete',
    'RequestLimitExceeded',
    'RequestThrottled',
    'RequestTimeout',
    'SlowDown',
    'Throttled',
    'Throttling',
    'TooManyRequests',
    'TransactionInProgress',
  ])('%s, and tries before it may have been received', (name) => {
    expect(seen(refused(`${name}Exception`))).toMatchObject({ code: 'STORAGE_UNAVAILABLE', reason: 'unclear' })
    expect(seen(refused(name), 'not_sent')).toMatchObject({ reason: 'unclear' })
  })

  it.each([429, 500, 503])('any name with HTTP %i', (status) => {
    expect(seen(refused('AnyOther', status))).toMatchObject({ code: 'STORAGE_UNAVAILABLE', reason: 'unclear' })
  })

  it.each(['not_sent', 'unclear', undefined] as const)('without an answer: %s, as the call says', (sent) => {
    expect(seen(named('TimeoutError', 'ECONNREFUSED'), sent)).toEqual({
      code: 'STORAGE_UNAVAILABLE',
      message: 'Secrets Manager did not do it: TimeoutError, ECONNREFUSED',
      errorName: 'TimeoutError',
      reason: sent,
    })
    expect(seen(refused('Unknown', 'none'), sent)).toMatchObject({ reason: sent })
  })
})

it.each([
  ['ResourceNotFoundException', 400],
  ['ResourceExistsException', 400],
  ['AnyOther', 404],
  ['ExceptionAccessDenied', 400],
  ['AnyOther', 499],
])('%s, HTTP %i, is an answer: it was not done', (name, status) => {
  expect(seen(refused(name, status), 'unclear')).toEqual({
    code: 'STORAGE_UNAVAILABLE',
    message: `Secrets Manager did not do it: ${name}, HTTP ${status}`,
    errorName: name,
    reason: undefined,
  })
})

it('is read once: a failure of ours stays what it is', () => {
  const failure = unexpectedAnswer()
  expect(vaultFailure(failure, 'not_sent')).toBe(failure)
  expect(seen(failure)).toEqual({
    code: 'STORAGE_UNAVAILABLE',
    message: 'Secrets Manager answered without ARN or version',
    errorName: 'Unexpected',
    reason: 'unclear',
  })
})

describe('C27: of what somebody else writes', () => {
  it.each([
    ['a name with a line break', named('Access\nDenied')],
    ['a name with a key', named('Denied: key_demo')],
    ['a name that is too long', named('A'.repeat(65))],
    ['an empty name', named('')],
    ['no error', 'key_demo'],
    ['nothing', undefined],
  ])('%s is unknown', (_, error) => {
    expect(seen(error)).toMatchObject({
      errorName: 'unknown',
      message: 'Secrets Manager did not do it: unknown',
    })
  })

  it('the longest name is told whole', () => {
    expect(seen(named('A'.repeat(64)))).toMatchObject({ errorName: 'A'.repeat(64) })
  })

  it.each([
    ['ECONNREFUSED', 'ECONNREFUSED'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['E1', 'E1'],
    ['A'.repeat(64), 'A'.repeat(64)],
    ['A'.repeat(65), undefined],
    ['E', undefined],
    ['1E', undefined],
    ['econnrefused', undefined],
    ['ECONN\nREFUSED', undefined],
    ['ECONN REFUSED', undefined],
    [' ECONNREFUSED', undefined],
    [5, undefined],
    [['ECONNREFUSED'], undefined],
  ])('the system’s code %j is told as %s', (code, told) => {
    expect(systemCodeOf(named('Error', code))).toBe(told)
  })

  it('what is no error has no code of the system', () => {
    expect(systemCodeOf({ code: 'ECONNREFUSED' })).toBeUndefined()
    expect(systemCodeOf(new Error('demo'))).toBeUndefined()
  })
})

it('is told by its name from the others', () => {
  const failure = vaultFailure(refused('ResourceNotFoundException'))
  expect(isRefusal(failure, 'ResourceExistsException', 'ResourceNotFoundException')).toBe(true)
  expect(isRefusal(failure, 'ResourceExistsException')).toBe(false)
  expect(isRefusal(named('ResourceNotFoundException'), 'ResourceNotFoundException')).toBe(false)
  expect(failure).toBeInstanceOf(VaultFailure)
})

it('F60: a name in flux is to be tried again, later than now', () => {
  const { code, reason, message } = nameInFlux()
  expect({ code, reason, message }).toEqual({
    code: 'STORAGE_UNAVAILABLE',
    reason: 'limited',
    message: 'A secret of this name is still being deleted',
  })
  expect(nameInFlux()).toBeInstanceOf(ConnectionFailure)
})
