import type { Caller } from '../caller.ts'
import { keepGrant, readGrant } from './attempt-grant.ts'
import { secretsManager, type Call, type Settings } from './secrets-manager.ts'
import { checkAccess } from './check-access.ts'
import { deleteSecret, recoveryWindow } from './delete-secret.ts'
import type { PracticeKeys } from './practice-keys.ts'
import type { Grant } from '../practice.ts'
import { promoteVersion } from './promote-version.ts'
import { describeSecret, readVersion, type DescribedSecret } from './read-secret.ts'
import { inRegion, nameInArn } from './secret-place.ts'
import { practiceText, readPracticeText } from './secret-text.ts'
import { addVersion, writeVersion, type WrittenVersion } from './write-version.ts'

/**
 * AWS Secrets Manager: one secret an account, and for a while one an attempt. Which version of an account's secret
 * holds is said by its row in the database; AWSCURRENT, for those who read the secret without the row, follows.
 *
 * A `secretId` is a name or an ARN. Every call but `secretOf`, `isNamed` and `heldBackFor` throws `ConnectionFailure`:
 * - CONFIG when AWS refuses us, a quota is reached, or an ARN is of another region than ours: the same until a person
 *   changes it (F55, F59, F61, S11);
 * - STORAGE_UNAVAILABLE with a reason when it may pass, without one when it was refused for good. Each call may be
 *   made again after any of them: what was done already is not done twice;
 * - KEYS_UNREADABLE where it says so.
 */
export interface Vault {
  /** Milliseconds until people's calls would be sent; 0 unless so many have failed that they are refused at once. */
  heldBackFor(): number
  /** The name that an account's secret gets when it is made: what is known by its ARN may have another (S10). */
  secretOf(accountId: string): string
  /** Whether a secret with this ARN has the name of `secretOf`. */
  isNamed(secretArn: string, accountId: string): boolean
  /** Whether we may do what a connection needs, by calls that change nothing (S12). */
  checkAccess(signal: AbortSignal): Promise<void>
  /**
   * Writes a version of the account's secret, which is new, exists (F50), or waits for its deletion and is taken
   * back (F51). It is pending until `promote`; only the first version of all is current from the start.
   * @param versionId a UUID that becomes the version's id
   * @param known ARN of the secret that the account has already
   */
  write(
    accountId: string,
    versionId: string,
    keys: PracticeKeys,
    signal: AbortSignal,
    known?: string,
  ): Promise<WrittenVersion>
  /**
   * Adds a pending version to a secret that is in use; it never creates or restores one (F100).
   * @returns false when the secret is gone or waits for its deletion
   * @throws {ConnectionFailure} STORAGE_UNAVAILABLE without a reason when the version exists with other keys (F54)
   */
  add(secretId: string, versionId: string, keys: PracticeKeys, signal: AbortSignal): Promise<boolean>
  /**
   * The keys of one version, whatever its labels.
   * @returns undefined without such a secret or version, and while the secret waits for its deletion
   * @throws {ConnectionFailure} KEYS_UNREADABLE when it is not what `write` writes (F58)
   */
  read(
    secretId: string,
    versionId: string,
    signal: AbortSignal,
  ): Promise<(PracticeKeys & { secretArn: string }) | undefined>
  describe(secretId: string, signal: AbortSignal): Promise<DescribedSecret>
  /**
   * Moves AWSCURRENT to a version, only if it is still on `from` (undefined: on none).
   * @returns whether it is there now; false when it was elsewhere, or the secret is gone or waits for its deletion
   * @throws {ConnectionFailure} KEYS_UNREADABLE when there is no version `to`
   */
  promote(secretId: string, from: string | undefined, to: string, signal: AbortSignal): Promise<boolean>
  /** Takes a scheduled deletion back. */
  restore(secretId: string, signal: AbortSignal): Promise<void>
  /** Deletion in 30 days; until then the name is taken, the keys cannot be read, and `restore` brings them back. */
  scheduleDeletion(secretId: string, signal: AbortSignal): Promise<void>
  /**
   * Keeps the keys of an attempt that waits for the user's choice, or that still have to be revoked.
   * @returns ARN of the secret that has them
   */
  keepGrant(attemptId: string, grant: Grant, signal: AbortSignal): Promise<string>
  /**
   * @param secretArn where they are; without it they are looked for by our present prefix
   * @throws {ConnectionFailure} KEYS_UNREADABLE when they are not what `keepGrant` writes (F58)
   */
  readGrant(attemptId: string, signal: AbortSignal, secretArn?: string): Promise<Grant | undefined>
  /** Deletes them at once, for good. @param secretArn as for `readGrant` */
  dropGrant(attemptId: string, signal: AbortSignal, secretArn?: string): Promise<void>
}

/** No account has this id. */
const nobody = '00000000-0000-0000-0000-000000000000'

interface Names {
  namePrefix: string
  /** id, ARN or alias of the key that encrypts new secrets; AWS's own for Secrets Manager without it */
  kmsKeyId?: string | undefined
}

/**
 * One Secrets Manager for all; who pays for its trouble depends on the caller (decision 16). Endpoint and credentials
 * come from the AWS SDK's own variables.
 */
export function secretsManagerVaults(settings: Settings & Names): { for(caller: Caller): Vault; close(): void } {
  const { callFor, closedFor, close } = secretsManager(settings)
  return { for: (caller) => vault(settings, callFor(caller), closedFor), close }
}

function vault({ region, namePrefix, kmsKeyId }: Settings & Names, call: Call, heldBackFor: () => number): Vault {
  const secretOf = (accountId: string) => `${namePrefix}${accountId}`
  const newSecret = (Name: string) => (kmsKeyId === undefined ? { Name } : { Name, KmsKeyId: kmsKeyId })
  const here = (secretId: string) => inRegion(secretId, region)
  const grantOf = (attemptId: string) => `${namePrefix}attempts/${attemptId}`
  return {
    heldBackFor,
    secretOf,
    isNamed: (secretArn, accountId) => nameInArn(secretArn) === secretOf(accountId),
    checkAccess: async (signal) => checkAccess(call, secretOf(nobody), signal),
    async write(accountId, versionId, keys, signal, known) {
      const secret = { ...newSecret(secretOf(accountId)), known: known && here(known) }
      return writeVersion(call, secret, versionId, practiceText(keys), signal)
    },
    add: async (secretId, versionId, keys, signal) =>
      addVersion(call, here(secretId), versionId, practiceText(keys), signal),
    async read(secretId, versionId, signal) {
      const found = await readVersion(call, here(secretId), versionId, signal)
      return found && { ...readPracticeText(found.text), secretArn: found.secretArn }
    },
    describe: async (secretId, signal) => describeSecret(call, here(secretId), signal),
    promote: async (secretId, from, to, signal) => promoteVersion(call, here(secretId), from, to, signal),
    async restore(secretId, signal) {
      const input = { SecretId: here(secretId) }
      await call((aws, options) => aws.restoreSecret(input, options), signal)
    },
    scheduleDeletion: async (secretId, signal) =>
      deleteSecret(call, here(secretId), { RecoveryWindowInDays: recoveryWindow }, signal),
    keepGrant: async (attemptId, grant, signal) =>
      keepGrant(call, newSecret(grantOf(attemptId)), attemptId, grant, signal),
    readGrant: async (attemptId, signal, secretArn) => readGrant(call, here(secretArn ?? grantOf(attemptId)), signal),
    dropGrant: async (attemptId, signal, secretArn) =>
      deleteSecret(call, here(secretArn ?? grantOf(attemptId)), { ForceDeleteWithoutRecovery: true }, signal),
  }
}
