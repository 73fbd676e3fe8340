import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import { changeSecret, operation, SecretId } from './operation.ts'
import { readSecretId } from './secret-id.ts'
import { epochSeconds } from './secret.ts'

const day = 24 * 60 * 60 * 1000

/** The recovery window, days. */
const window = { least: 7, most: 30, default: 30 } as const

const DeleteInput = z.object({
  SecretId,
  RecoveryWindowInDays: z.int().optional(),
  ForceDeleteWithoutRecovery: z.boolean().optional(),
})

/**
 * DeleteSecret: schedules the deletion, or deletes at once. A secret that is scheduled already keeps its
 * date, so that a repeated call changes nothing.
 */
export const deleteSecret = operation(DeleteInput, async (region, input) => {
  const { SecretId: id, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false } = input
  checkWindow(days, force)
  const now = region.now()
  const deletion = changeSecret(region, id, 'accept', (secret) => {
    const deletionAt = force ? now : (secret.deletionAt ?? now + (days ?? window.default) * day)
    return {
      keep: force ? undefined : { ...secret, deletionAt },
      answer: { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(deletionAt) },
    }
  })
  return deletion.catch((error: unknown) => {
    // Documented: a forced deletion of what is not there succeeds.
    if (!force || !(error instanceof AwsError) || error.type !== 'ResourceNotFoundException') throw error
    return { Name: readSecretId(region.name, id).name, DeletionDate: epochSeconds(now) }
  })
})

function checkWindow(days: number | undefined, force: boolean): void {
  if (days === undefined) return
  if (force) {
    throw new AwsError(
      'InvalidParameterException',
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    )
  }
  if (days < window.least || days > window.most) {
    throw new AwsError(
      'InvalidParameterException',
      `The RecoveryWindowInDays value must be between ${window.least} and ${window.most} days (inclusive).`,
    )
  }
}

/** RestoreSecret: takes back a scheduled deletion. */
export const restoreSecret = operation(z.object({ SecretId }), async (region, { SecretId: id }) =>
  changeSecret(region, id, 'accept', (secret) => {
    const { deletionAt: _, ...kept } = secret
    return { keep: kept, answer: { ARN: secret.arn, Name: secret.name } }
  }),
)
