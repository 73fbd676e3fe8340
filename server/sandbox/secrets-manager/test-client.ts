import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { startSecretsManager } from './start.ts'

/** The real SDK's client for a stand-in. */
export function clientOf(origin: string): SecretsManager {
  const credentials = { accessKeyId: 'access_key_demo', secretAccessKey: 'secret_access_key_demo' }
  return new SecretsManager({ region: 'us-east-1', endpoint: origin, credentials, maxAttempts: 1 })
}

/** A stand-in with a folder of its own, and the real SDK to speak with it. */
export async function secretsManagerForTest(now?: () => Date) {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-manager-'))
  const sandbox = await startSecretsManager({ folder, ...(now ? { now } : {}) })
  const client = clientOf(sandbox.origin)
  return {
    ...sandbox,
    client,
    folder,
    /** Makes a secret and then so many versions of it, values v1, v2, ...; returns their ids. */
    async versions(name: string, count: number): Promise<string[]> {
      const ids = Array.from({ length: count }, () => randomUUID())
      for (const [index, ClientRequestToken] of ids.entries()) {
        const version = { ClientRequestToken, SecretString: `v${index + 1}` }
        if (index === 0) await client.createSecret({ Name: name, ...version })
        else await client.putSecretValue({ SecretId: name, ...version })
      }
      return ids
    },
    /** The labels of all versions: version number to labels, deprecated versions with none. */
    async stages(name: string, ids: readonly string[]): Promise<Record<string, string[]>> {
      const { Versions = [] } = await client.listSecretVersionIds({ SecretId: name, IncludeDeprecated: true })
      return Object.fromEntries(
        Versions.map(({ VersionId, VersionStages = [] }) => [`v${ids.indexOf(VersionId ?? '') + 1}`, VersionStages]),
      )
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await sandbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The name of the error that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  )
}
