import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import { described } from './describe-secret.ts'
import { operation, readSecret, SecretId } from './operation.ts'
import { epochSeconds, stagesByVersion } from './secret.ts'

const PageFields = { MaxResults: z.int().min(1).max(100).optional(), NextToken: z.string().optional() }

/** A page of a list, and where the next one begins. @throws {AwsError} InvalidNextTokenException */
function pageOf<T>(
  all: readonly T[],
  { MaxResults: size = 100, NextToken: token }: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { page: T[]; NextToken: string | undefined } {
  const from = token === undefined ? 0 : Number(/^from-(\d{1,9})$/.exec(token)?.[1] ?? Number.NaN)
  if (Number.isNaN(from)) throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.')
  const to = from + size
  return { page: all.slice(from, to), NextToken: to < all.length ? `from-${to}` : undefined }
}

/** ListSecretVersionIds, oldest first; deprecated versions only when asked for. */
export const listSecretVersionIds = operation(
  z.object({ SecretId, ...PageFields, IncludeDeprecated: z.boolean().optional() }),
  async (region, input) =>
    // AWS documents no InvalidRequestException for it: a secret that waits for its deletion answers too.
    readSecret(region, input.SecretId, 'accept', (secret) => {
      const shown = secret.versions.filter(({ stages }) => input.IncludeDeprecated || stages.length > 0)
      const { page, NextToken } = pageOf(shown, input)
      const Versions = page.map(({ id, stages, createdAt, accessedAt }) => ({
        VersionId: id,
        VersionStages: stages.length > 0 ? stages : undefined,
        CreatedDate: epochSeconds(createdAt),
        LastAccessedDate: accessedAt === undefined ? undefined : epochSeconds(accessedAt),
        KmsKeyIds: [secret.kmsKeyId ?? 'DefaultEncryptionKey'],
      }))
      return { ARN: secret.arn, Name: secret.name, Versions, NextToken }
    }),
)

const NameFilter = z.object({ Key: z.literal('name'), Values: z.array(z.string()).min(1) })

/** ListSecrets, oldest first; of the filters only `name` (a prefix). */
export const listSecrets = operation(
  z.object({ ...PageFields, IncludePlannedDeletion: z.boolean().optional(), Filters: z.array(NameFilter).optional() }),
  async ({ store }, { IncludePlannedDeletion: all = false, Filters: filters = [], ...paging }) => {
    const shown = (await store.list()).filter(
      ({ name, deletionAt }) =>
        (all || deletionAt === undefined) &&
        filters.every(({ Values }) => Values.some((prefix) => name.startsWith(prefix))),
    )
    const { page, NextToken } = pageOf(shown, paging)
    return {
      SecretList: page.map((secret) =>
        Object.assign(described(secret), { SecretVersionsToStages: stagesByVersion(secret) }),
      ),
      NextToken,
    }
  },
)
