import { randomUUID } from 'node:crypto'
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import * as z from 'zod'
import type { StandIns } from './stand-ins.ts'

/** Where a row's secret is. */
interface Row {
  metadata: unknown
}

/** What a person with access to Secrets Manager does behind the server's back, and sees there. */
export interface ByHand extends Disposable {
  /** Writes a text as a new version. @returns its id */
  put: (row: Row, text: string, stage: 'AWSCURRENT' | 'AWSPENDING') => Promise<string>
  /** Presses Delete, with the recovery window that the console offers. */
  scheduleDeletion: (row: Row) => Promise<void>
  /** Deletes it at once and for good. */
  destroy: (row: Row) => Promise<void>
  isDeleting: (row: Row) => Promise<boolean>
  /** one version's keys */
  read: (row: Row, versionId: string) => Promise<Record<string, unknown>>
  /** ids of all versions, oldest first, also of those without a label */
  versions: (row: Row) => Promise<string[]>
}

export function byHand({ secretsManager }: Pick<StandIns, 'secretsManager'>): ByHand {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const aws = new SecretsManagerClient({ region: 'us-east-1', endpoint: secretsManager.origin, credentials })
  const idOf = ({ metadata }: Row) => z.object({ secretArn: z.string() }).parse(metadata).secretArn
  return {
    async put(row, text, stage) {
      const ClientRequestToken = randomUUID()
      const put = { SecretId: idOf(row), ClientRequestToken, SecretString: text, VersionStages: [stage] }
      await aws.send(new PutSecretValueCommand(put))
      return ClientRequestToken
    },
    async scheduleDeletion(row) {
      await aws.send(new DeleteSecretCommand({ SecretId: idOf(row) }))
    },
    async destroy(row) {
      await aws.send(new DeleteSecretCommand({ SecretId: idOf(row), ForceDeleteWithoutRecovery: true }))
    },
    async isDeleting(row) {
      return (await aws.send(new DescribeSecretCommand({ SecretId: idOf(row) }))).DeletedDate !== undefined
    },
    async read(row, VersionId) {
      const { SecretString } = await aws.send(new GetSecretValueCommand({ SecretId: idOf(row), VersionId }))
      return z.record(z.string(), z.unknown()).parse(JSON.parse(SecretString ?? ''))
    },
    async versions(row) {
      const ids: string[] = []
      let NextToken: string | undefined
      do {
        const page = await aws.send(
          new ListSecretVersionIdsCommand({ SecretId: idOf(row), IncludeDeprecated: true, NextToken }),
        )
        for (const { VersionId } of page.Versions ?? []) if (VersionId !== undefined) ids.push(VersionId)
        NextToken = page.NextToken
      } while (NextToken !== undefined)
      return ids
    },
    [Symbol.dispose]: () => aws.destroy(),
  }
}
