import type { Vault } from '../vault/client.ts'
import type { PracticeKeys } from '../vault/practice-keys.ts'
import type { DescribedSecret } from '../vault/read-secret.ts'

/** A secret of an account; `absent` ones are left out. */
export type PresentSecret = Exclude<DescribedSecret, { state: 'absent' }>

/**
 * The secrets that an account can have: those known by their ARN, and the one that our present prefix gives it, where
 * an attempt may have written before it died. Most often they are one and the same (S10).
 * @param known ARNs
 */
export async function secretsOf(
  vault: Vault,
  accountId: string,
  known: readonly string[],
  signal: AbortSignal,
): Promise<PresentSecret[]> {
  const found = new Map<string, PresentSecret>()
  const look = async (secretId: string): Promise<void> => {
    const secret = await vault.describe(secretId, signal)
    if (secret.state !== 'absent') found.set(secret.secretArn, secret)
  }
  for (const secretArn of new Set(known)) await look(secretArn)
  if (![...found.keys()].some((secretArn) => vault.isNamed(secretArn, accountId))) await look(vault.secretOf(accountId))
  return [...found.values()]
}

/**
 * The keys of one version, in whichever secret of the account it is.
 * @param known ARNs
 * @throws {ConnectionFailure} KEYS_UNREADABLE when they are not in our form (F58)
 */
export async function readVersionOf(
  vault: Vault,
  { accountId, known, versionId }: { accountId: string; known: readonly string[]; versionId: string },
  signal: AbortSignal,
): Promise<(PracticeKeys & { secretArn: string }) | undefined> {
  for (const secretId of new Set([...known, vault.secretOf(accountId)])) {
    const keys = await vault.read(secretId, versionId, signal)
    if (keys) return keys
  }
  return undefined
}
