import { ConnectionFailure } from '../failure.ts'
import type { Integrations } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'

/** Number of most recently stored secrets to read; a problem with one tenant's secret is no verdict. */
const sample = 3

/**
 * Checks that we may write a practice's keys and read stored ones: a wrong region, or a missing right to decrypt, shows
 * only on an existing secret.
 * @throws {ConnectionFailure} CONFIG when AWS refuses us, or all of the most recently stored secrets
 */
export async function checkStorage(
  { vault, integrations }: { vault: Vault; integrations: Integrations },
  signal: AbortSignal,
): Promise<void> {
  await vault.checkAccess(signal)
  const stored = await integrations.lastStored(sample)
  const problems: ConnectionFailure[] = []
  for (const { secretArn, secretVersionId } of stored) {
    const problem = await problemOf(() => vault.read(secretArn, secretVersionId, signal))
    if (!problem) return
    problems.push(problem)
  }
  const [first] = problems
  // A single secret may have been deleted by hand.
  const isVerdict = stored.length > 1 || first?.code === 'CONFIG'
  if (first && isVerdict && problems.every(({ code }) => code === 'CONFIG' || code === 'KEYS_UNREADABLE')) {
    throw new ConnectionFailure('CONFIG', `The practices’ secrets cannot be read: ${first.message}`)
  }
}

/** @returns undefined if it could be read, whatever its content */
async function problemOf(read: () => Promise<unknown>): Promise<ConnectionFailure | undefined> {
  try {
    if ((await read()) !== undefined) return undefined
    return new ConnectionFailure('KEYS_UNREADABLE', 'not found; AWS_REGION, account or endpoint may be wrong')
  } catch (error) {
    if (!(error instanceof ConnectionFailure)) throw error
    return error.code === 'KEYS_UNREADABLE' ? undefined : error
  }
}
