import * as z from 'zod'
import { AwsError, secretNotFound } from './aws-error.ts'
import { readSecretId } from './secret-id.ts'
import type { SecretStore } from './secret-store.ts'
import type { Secret } from './secret.ts'
import type { SecretValue } from './versions.ts'

/** What every operation works with. */
export interface Region {
  name: string
  store: SecretStore
  /** milliseconds since 1970 */
  now: () => number
}

/** An operation of the API: JSON in, JSON out. It throws `AwsError`s. */
export type Operation = (region: Region, input: unknown) => Promise<Record<string, unknown>>

/** Checks the input before `work` sees it; what is wrong is an InvalidParameterException that names it. */
export function operation<T>(
  Input: z.ZodType<T>,
  work: (region: Region, input: T) => Promise<Record<string, unknown>>,
): Operation {
  return async (region, input) => {
    const parsed = Input.safeParse(input)
    if (parsed.success) return work(region, parsed.data)
    const [issue] = parsed.error.issues
    throw new AwsError('InvalidParameterException', `Invalid ${issue?.path.join('.') || 'request'}: ${issue?.message}`)
  }
}

export const SecretId = z.string().min(1).max(2048)

/** Most bytes of a value. */
const mostBytes = 65_536

/** The fields of a request that carry a new version. */
export const ValueFields = {
  ClientRequestToken: z.string().min(32).max(64).optional(),
  SecretString: z.string().min(1).optional(),
  SecretBinary: z.base64().min(1).optional(),
}

interface ValueInput {
  ClientRequestToken?: string | undefined
  SecretString?: string | undefined
  SecretBinary?: string | undefined
}

/** @throws {AwsError} InvalidRequestException: the SDK always sends one, a client of its own has to */
export function requiredToken({ ClientRequestToken: token }: ValueInput): string {
  if (token !== undefined) return token
  throw new AwsError(
    'InvalidRequestException',
    'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
  )
}

/**
 * @returns undefined without a value
 * @throws {AwsError} InvalidParameterException for two values, or too long a one
 */
export function valueOf({ SecretString: text, SecretBinary: binary }: ValueInput): SecretValue | undefined {
  if (text !== undefined && binary !== undefined) {
    throw new AwsError('InvalidParameterException', "You can't specify both a binary and a string secret value.")
  }
  const bytes = text === undefined ? Buffer.byteLength(binary ?? '', 'base64') : Buffer.byteLength(text)
  if (bytes > mostBytes) {
    throw new AwsError('InvalidParameterException', `The secret value is longer than ${mostBytes} bytes.`)
  }
  if (text !== undefined) return { secretString: text }
  return binary === undefined ? undefined : { secretBinary: binary }
}

/** How an operation takes a secret that waits for its deletion. */
type Doomed = 'refuse' | 'accept'

/**
 * Lets `work` change the secret that SecretId names.
 * @throws {AwsError} ResourceNotFoundException, InvalidRequestException when it is scheduled for deletion
 */
export async function changeSecret(
  { name: region, store }: Region,
  secretId: string,
  doomed: Doomed,
  work: (secret: Secret) => { keep: Secret | undefined; answer: Record<string, unknown> },
): Promise<Record<string, unknown>> {
  const { name, arn } = readSecretId(region, secretId)
  return store.change(name, (secret) => {
    if (!secret || (arn !== undefined && arn !== secret.arn)) throw secretNotFound()
    if (secret.deletionAt !== undefined && doomed === 'refuse') {
      throw new AwsError(
        'InvalidRequestException',
        "You can't perform this operation on the secret because it was marked for deletion.",
      )
    }
    return work(secret)
  })
}

/** Reads the secret that SecretId names. @throws {AwsError} as `changeSecret` */
export async function readSecret(
  region: Region,
  secretId: string,
  doomed: Doomed,
  answer: (secret: Secret) => Record<string, unknown>,
): Promise<Record<string, unknown>> {
  return changeSecret(region, secretId, doomed, (secret) => ({ keep: secret, answer: answer(secret) }))
}
