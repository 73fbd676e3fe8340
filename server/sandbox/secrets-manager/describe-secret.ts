import * as z from 'zod'
import { operation, readSecret, SecretId } from './operation.ts'
import { epochSeconds, stagesByVersion, type Secret } from './secret.ts'

/** What is told of a secret without its value. */
export function described(secret: Secret): Record<string, unknown> {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    Tags: secret.tags.length > 0 ? secret.tags : undefined,
    CreatedDate: epochSeconds(secret.createdAt),
    LastChangedDate: epochSeconds(secret.changedAt),
    LastAccessedDate: secret.accessedAt === undefined ? undefined : epochSeconds(secret.accessedAt),
    DeletedDate: secret.deletionAt === undefined ? undefined : epochSeconds(secret.deletionAt),
  }
}

/** DescribeSecret, also of a secret that is scheduled for deletion. */
export const describeSecret = operation(z.object({ SecretId }), async (region, { SecretId: id }) =>
  readSecret(region, id, 'accept', (secret) => ({ ...described(secret), VersionIdsToStages: stagesByVersion(secret) })),
)
