import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import { operation, requiredToken, ValueFields, valueOf } from './operation.ts'
import { checkName, newArn } from './secret-id.ts'
import { Tag, type Secret } from './secret.ts'
import { checkTags } from './tag-resource.ts'
import { checkSameValue, putVersion, type SecretValue } from './versions.ts'

const Input = z.object({
  ...ValueFields,
  Name: z.string().min(1).max(512),
  Description: z.string().max(2048).optional(),
  KmsKeyId: z.string().max(2048).optional(),
  Tags: z.array(Tag).optional(),
})

/** CreateSecret, with a first version when it brings a value. */
export const createSecret = operation(Input, async (region, input) => {
  const { Name: name, Description: description, KmsKeyId: kmsKeyId, Tags: tags = [] } = input
  checkName(name)
  checkTags(tags)
  const token = requiredToken(input)
  const value = valueOf(input)
  return region.store.change(name, (existing) => {
    if (existing) return { keep: existing, answer: repeated(existing, token, value) }
    const now = region.now()
    const empty: Secret = {
      name,
      arn: newArn(region.name, name),
      ...(description === undefined ? {} : { description }),
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      tags,
      createdAt: now,
      changedAt: now,
      versions: [],
    }
    const answer = { ARN: empty.arn, Name: name }
    if (!value) return { keep: empty, answer }
    return { keep: putVersion(empty, token, value, undefined, now).secret, answer: { ...answer, VersionId: token } }
  })
})

/** The name is taken, unless this is the call that took it, come again: same token, same value. */
function repeated(secret: Secret, token: string, value: SecretValue | undefined): Record<string, unknown> {
  if (secret.deletionAt !== undefined) {
    throw new AwsError(
      'InvalidRequestException',
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    )
  }
  const version = secret.versions.find(({ id }) => id === token)
  if (!version || !value) {
    throw new AwsError(
      'ResourceExistsException',
      `The operation failed because the secret ${secret.name} already exists.`,
    )
  }
  checkSameValue(version, value)
  return { ARN: secret.arn, Name: secret.name, VersionId: token }
}
