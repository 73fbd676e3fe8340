import type { Vault } from '../vault/client.ts'
import type { PracticeKeys } from '../vault/practice-keys.ts'
import type { DescribedSecret } from '../vault/read-secret.ts'

/** A secret of an account; `absent` ones are left out. */
export type PresentSecret = Exclude<DescribedSecret, { state: 'absent' }>

/**
 * All secrets of an account: those known by ARN, and the one named by our present prefix, which an attempt may have
 * written before it died. Usually they are the same (S10).
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
 * The keys of one version, from whichever of the account's secrets has it.
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
