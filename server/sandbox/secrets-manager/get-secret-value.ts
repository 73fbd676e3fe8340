import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import { changeSecret, operation, SecretId } from './operation.ts'
import { dayOf, epochSeconds, type Secret, type SecretVersion } from './secret.ts'
import { current, holderOf } from './versions.ts'

const Input = z.object({ SecretId, VersionId: z.string().optional(), VersionStage: z.string().optional() })

/** GetSecretValue: by version id, by label, or AWSCURRENT. */
export const getSecretValue = operation(Input, async (region, { SecretId: id, VersionId, VersionStage }) =>
  changeSecret(region, id, 'refuse', (secret) => {
    const version = find(secret, VersionId, VersionStage)
    return {
      keep: used(secret, version, dayOf(region.now())),
      answer: {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        SecretString: version.secretString,
        SecretBinary: version.secretBinary,
        VersionStages: version.stages.length > 0 ? version.stages : undefined,
        CreatedDate: epochSeconds(version.createdAt),
      },
    }
  }),
)

function find(secret: Secret, id: string | undefined, stage: string | undefined): SecretVersion {
  const version =
    id === undefined ? holderOf(secret.versions, stage ?? current) : secret.versions.find((one) => one.id === id)
  if (!version) {
    const sought = id === undefined ? `staging label: ${stage ?? current}` : `VersionId: ${id}`
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${sought}`,
    )
  }
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw new AwsError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    )
  }
  return version
}

/** Notes the day of the last use; a second use on that day changes nothing. */
function used(secret: Secret, version: SecretVersion, day: number): Secret {
  if (version.accessedAt === day && secret.accessedAt === day) return secret
  const versions = secret.versions.map((one) =>
    one.id === version.id ? Object.assign({}, one, { accessedAt: day }) : one,
  )
  return { ...secret, versions, accessedAt: day }
}
