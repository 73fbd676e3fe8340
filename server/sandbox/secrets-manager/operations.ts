import { createSecret } from './create-secret.ts'
import { deleteSecret, restoreSecret } from './delete-secret.ts'
import { describeSecret } from './describe-secret.ts'
import { getSecretValue } from './get-secret-value.ts'
import { listSecrets, listSecretVersionIds } from './list.ts'
import type { Operation } from './operation.ts'
import { putSecretValue } from './put-secret-value.ts'
import { tagResource, untagResource } from './tag-resource.ts'
import { updateSecretVersionStage } from './update-secret-version-stage.ts'

/** The operations by the name in `X-Amz-Target`. */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ['CreateSecret', createSecret],
  ['PutSecretValue', putSecretValue],
  ['GetSecretValue', getSecretValue],
  ['DescribeSecret', describeSecret],
  ['UpdateSecretVersionStage', updateSecretVersionStage],
  ['DeleteSecret', deleteSecret],
  ['RestoreSecret', restoreSecret],
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
  ['ListSecretVersionIds', listSecretVersionIds],
  ['ListSecrets', listSecrets],
])
