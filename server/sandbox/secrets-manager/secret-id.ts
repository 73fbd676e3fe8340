import { randomInt } from 'node:crypto'
import { AwsError, secretNotFound } from './aws-error.ts'

/** AWS account of every secret; no real one has it. */
const accountId = '000000000000'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** @throws {AwsError} ValidationException */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name)) return
  throw new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  )
}

/** An ARN for a new secret. The same name made again gets another one. */
export function newArn(region: string, name: string): string {
  const suffix = Array.from({ length: 6 }, () => letters.charAt(randomInt(letters.length))).join('')
  return `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${suffix}`
}

/**
 * Reads a SecretId: the secret's name, and the ARN it has to have where the id is one. A partial ARN
 * (without its last six characters) finds nothing here.
 * @throws {AwsError} ValidationException, ResourceNotFoundException
 */
export function readSecretId(region: string, secretId: string): { name: string; arn: string | undefined } {
  if (!secretId.startsWith('arn:')) {
    checkName(secretId)
    return { name: secretId, arn: undefined }
  }
  const ours = `arn:aws:secretsmanager:${region}:${accountId}:secret:`
  const name = /^(.+)-[A-Za-z0-9]{6}$/.exec(secretId.slice(ours.length))?.[1]
  if (!secretId.startsWith(ours) || name === undefined) throw secretNotFound()
  return { name, arn: secretId }
}
