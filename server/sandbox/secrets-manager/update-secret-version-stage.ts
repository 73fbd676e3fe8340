import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import { changeSecret, operation, SecretId } from './operation.ts'
import { Stage } from './put-secret-value.ts'
import type { Secret } from './secret.ts'
import { current, holderOf, moveStage } from './versions.ts'

const Input = z.object({
  SecretId,
  VersionStage: Stage,
  RemoveFromVersionId: z.string().optional(),
  MoveToVersionId: z.string().optional(),
})

/** UpdateSecretVersionStage: moves a label, adds one, or takes one away. */
export const updateSecretVersionStage = operation(Input, async (region, input) => {
  const { SecretId: id, VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input
  return changeSecret(region, id, 'refuse', (secret) => {
    checkMove(secret, stage, from, to)
    const versions = moveStage(secret.versions, stage, to)
    return { keep: { ...secret, versions, changedAt: region.now() }, answer: { ARN: secret.arn, Name: secret.name } }
  })
})

/** A label is taken only from the version that the caller knows to have it. */
function checkMove(secret: Secret, stage: string, from: string | undefined, to: string | undefined): void {
  if (from === undefined && to === undefined) {
    throw new AwsError('InvalidParameterException', 'You must specify MoveToVersionId or RemoveFromVersionId.')
  }
  for (const id of [from, to]) {
    if (id === undefined || secret.versions.some((version) => version.id === id)) continue
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for VersionId: ${id}`,
    )
  }
  const holder = holderOf(secret.versions, stage)?.id
  if (from !== undefined && from !== holder) {
    throw new AwsError('InvalidParameterException', `Staging label ${stage} is not attached to version ${from}.`)
  }
  if (from === undefined && holder !== undefined && holder !== to) {
    throw new AwsError(
      'InvalidParameterException',
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ` +
        `${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    )
  }
  if (stage === current && to === undefined) {
    throw new AwsError(
      'InvalidParameterException',
      `You can only move staging label ${current} to a different secret version. It can't be completely removed.`,
    )
  }
}
