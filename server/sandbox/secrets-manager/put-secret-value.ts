import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import { changeSecret, operation, requiredToken, SecretId, ValueFields, valueOf } from './operation.ts'
import { limits, putVersion } from './versions.ts'

export const Stage = z.string().min(1).max(256)

const Input = z.object({
  ...ValueFields,
  SecretId,
  VersionStages: z.array(Stage).min(1).max(limits.stages).optional(),
})

/** PutSecretValue: a new version, AWSCURRENT unless other labels are asked for. */
export const putSecretValue = operation(Input, async (region, input) => {
  const token = requiredToken(input)
  const value = valueOf(input)
  if (!value) throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.')
  return changeSecret(region, input.SecretId, 'refuse', (existing) => {
    const { secret, version } = putVersion(existing, token, value, input.VersionStages, region.now())
    return {
      keep: secret,
      answer: { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages },
    }
  })
})
