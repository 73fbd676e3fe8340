import * as z from 'zod'

/** Secrets Manager as somebody sees it who may see all of it, past the fault proxies. */
export interface SecretsView {
  /** every secret there is, also those that wait for their deletion */
  list: () => Promise<SecretSeen[]>
  /** a version's text; undefined where it cannot be read */
  read: (secretId: string, versionId: string) => Promise<string | undefined>
  /** ids of all versions, also of those without a label */
  versions: (secretId: string) => Promise<string[]>
  destroy: (secretId: string) => Promise<void>
}

export interface SecretSeen {
  arn: string
  name: string
  isDoomed: boolean
  current: string | undefined
}

const Listed = z.object({
  SecretList: z.array(
    z.object({
      ARN: z.string(),
      Name: z.string(),
      DeletedDate: z.number().optional(),
      SecretVersionsToStages: z.record(z.string(), z.array(z.string())).optional(),
    }),
  ),
})
const Versions = z.object({ Versions: z.array(z.object({ VersionId: z.string() })) })
const Value = z.object({ SecretString: z.string() })

export function secretsView(origin: string): SecretsView {
  async function call(operation: string, input: object): Promise<unknown> {
    const response = await fetch(origin, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 of nobody',
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `secretsmanager.${operation}`,
      },
      body: JSON.stringify(input),
    })
    const answer: unknown = await response.json()
    return response.ok ? answer : undefined
  }
  return {
    async list() {
      const { SecretList } = Listed.parse(await call('ListSecrets', { MaxResults: 100, IncludePlannedDeletion: true }))
      return SecretList.map(({ ARN: arn, Name: name, DeletedDate, SecretVersionsToStages = {} }) => ({
        arn,
        name,
        isDoomed: DeletedDate !== undefined,
        current: Object.entries(SecretVersionsToStages).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0],
      }))
    },
    async read(SecretId, VersionId) {
      return Value.safeParse(await call('GetSecretValue', { SecretId, VersionId })).data?.SecretString
    },
    async versions(SecretId) {
      const listed = await call('ListSecretVersionIds', { SecretId, MaxResults: 100, IncludeDeprecated: true })
      // A job may have deleted it since it was listed.
      return listed === undefined ? [] : Versions.parse(listed).Versions.map(({ VersionId }) => VersionId)
    },
    async destroy(SecretId) {
      await call('DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true })
    },
  }
}
