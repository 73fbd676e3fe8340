import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, vi } from 'vitest'
import { startFaultProxy } from '../../sandbox/fault-proxy/start.ts'
import { secretsManagerForTest } from '../../sandbox/secrets-manager/test-client.ts'
import { Redacted } from '../../src/config/redacted.ts'
import { ConnectionFailure } from '../../src/failure.ts'
import { secretsManagerVaults } from '../../src/vault/client.ts'

export const namePrefix = 'parlae/pms/sikka/'

/** No test waits so long: a hang would be the test's own time limit. */
export const signal = new AbortController().signal

/** Tells the AWS SDK where Secrets Manager is, as production does, and lets it try again without pauses. */
export function pointSdkAt(origin: string): void {
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', origin)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'access_key_demo')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret_access_key_demo')
  // Its pauses are a random part of a longest one.
  vi.spyOn(Math, 'random').mockReturnValue(0)
}

/** What the vault tells its log: level and message. */
function logForTest() {
  const lines: string[] = []
  const log = {
    warn: (_: object, message: string) => void lines.push(`warn: ${message}`),
    info: (_: object, message: string) => void lines.push(`info: ${message}`),
  }
  return { lines, log }
}

/** A vault, the real SDK and the stand-in behind a fault proxy; and the SDK's client straight to the stand-in. */
export async function vaultForTest(limits?: { connect: number; request: number }, kmsKeyId?: string) {
  await using started = new AsyncDisposableStack()
  const sandbox = started.use(await secretsManagerForTest())
  const { hostname: host, port } = new URL(sandbox.origin)
  const proxy = started.use(await startFaultProxy({ target: { host, port: Number(port) } }))
  started.defer(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })
  pointSdkAt(proxy.origin)
  const { log, lines } = logForTest()
  const vaults = secretsManagerVaults({ region: 'us-east-1', namePrefix, kmsKeyId, log, ...(limits ? { limits } : {}) })
  started.defer(() => vaults.close())
  const as = (account: string, isWaitedFor = true) => vaults.for({ accountId: account, isWaitedFor })
  const running = started.move()
  const accountId = randomUUID()
  const vault = as(accountId)
  const name = vault.secretOf(accountId)
  return {
    vault,
    /** the same for another account, or for calls that nobody waits for */
    as,
    sandbox,
    aws: sandbox.client,
    proxy,
    lines,
    accountId,
    name,
    /** The account's secret as it was written first, and its ARN and version. */
    async written(keys = keysOf('first')) {
      return vault.write(accountId, randomUUID(), keys, signal)
    },
    /** Lets so many milliseconds pass for the breaker. */
    passTime(milliseconds: number): void {
      const now = performance.now()
      vi.spyOn(performance, 'now').mockReturnValue(now + milliseconds)
    },
    /** How often each operation has been asked for since this was asked last; those that were not are left out. */
    calls: countsSince(() => sandbox.calls()),
    /** Labels by version id; those of the versions that have none, too. */
    async labels(SecretId = name): Promise<Record<string, string[]>> {
      const { Versions = [] } = await sandbox.client.listSecretVersionIds({ SecretId, IncludeDeprecated: true })
      return Object.fromEntries(Versions.map(({ VersionId = '', VersionStages = [] }) => [VersionId, VersionStages]))
    },
    async [Symbol.asyncDispose]() {
      await running.disposeAsync()
    },
  }
}

function countsSince(count: () => Record<string, number>): () => Record<string, number> {
  let before: Record<string, number> = {}
  return () => {
    const now = count()
    const since = Object.entries(now).map(([name, calls]) => [name, calls - (before[name] ?? 0)] as const)
    before = now
    return Object.fromEntries(since.filter(([, calls]) => calls > 0))
  }
}

/** Keys that can be told from others. */
export function keysOf(mark: string) {
  return {
    officeId: 'D10001',
    secretKey: new Redacted(`secret-key-${mark}`),
    requestKey: new Redacted(`request-key-${mark}`),
    refreshKey: new Redacted(`refresh-key-${mark}`),
    tokenExpiry: new Date('2026-11-22T10:00:00.000Z'),
    practiceName: 'Sunrise Dental',
    practiceId: '1',
    pmsType: 'Dentrix',
  }
}

/** Why a call failed. It has to be a failure of ours that tells nothing of secrets, names or AWS's own words. */
export async function failureOf(call: Promise<unknown>): Promise<{ code: string; reason: string | undefined }> {
  const error = await call.then(
    () => expect.fail('The call succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ConnectionFailure)) throw error
  const told = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })
  expect(told).not.toMatch(/parlae|arn:|told to fail|_demo|secret-key|request-key|refresh-key/)
  return { code: error.code, reason: error.reason }
}
