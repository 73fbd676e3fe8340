import { VaultFailure } from './vault-failure.ts'

/** `arn:<partition>:secretsmanager:<region>:<account>:secret:<name>-<six characters>` */
const arn = /^arn:[\w-]+:secretsmanager:([\w-]+):\d+:secret:(.+)-[A-Za-z0-9]{6}$/

/** @returns the name in a secret's ARN; undefined when it is none */
export function nameInArn(secretArn: string): string | undefined {
  return arn.exec(secretArn)?.[2]
}

/**
 * An ARN names its region. Asked elsewhere, Secrets Manager would say that there is no such secret (S11).
 * @returns the id itself
 * @throws {VaultFailure} CONFIG when the secret is in another region than ours
 */
export function inRegion(secretId: string, region: string): string {
  const named = arn.exec(secretId)?.[1]
  if (named === undefined || named === region) return secretId
  throw new VaultFailure('CONFIG', `AWS_REGION is ${region}, but this secret is in ${named}`, 'OtherRegion')
}
