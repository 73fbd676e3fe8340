import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { circuitBreaker } from '../breaker.ts'
import type { Caller } from '../caller.ts'
import { noteTries } from './note-tries.ts'
import { isCredentialError, VaultFailure, vaultFailure } from './vault-failure.ts'

/**
 * Makes one call, as often as the SDK tries it, unless Secrets Manager is in trouble.
 * @throws {VaultFailure}
 */
export type Call = <Answer>(
  work: (aws: SecretsManager, options: { abortSignal: AbortSignal }) => Promise<Answer>,
  signal: AbortSignal,
) => Promise<Answer>

/** Longest waits of one try, milliseconds: for the connection, and for the answer or any part of it (F57). */
interface Limits {
  connect: number
  request: number
}

/** The SDK alone repeats a call, never whoever makes it. */
const usual = { limits: { connect: 1_000, request: 3_000 }, tries: 3 } as const

/** Where it is told that Secrets Manager has failed, and that it works again. */
interface Log {
  warn(details: object, message: string): void
  info(details: object, message: string): void
}

export interface Settings {
  region: string
  limits?: Limits
  log?: Log
}

/** Endpoint and credentials come from the AWS SDK's own variables. */
export function secretsManager({ region, limits = usual.limits, log }: Settings) {
  const aws = new SecretsManager({
    region,
    maxAttempts: usual.tries,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: limits.connect,
      requestTimeout: limits.request,
      // Without it the SDK only warns when the time is over.
      throwOnRequestTimeout: true,
      // The time above ends with the answer's head; this is for a body that does not come.
      socketTimeout: limits.request,
    },
  })
  const sentOf = noteTries(aws)
  const breaker = circuitBreaker({
    name: 'secrets-manager',
    isTrouble: (error) => error instanceof VaultFailure && error.reason !== undefined,
    refusal: () => notSent('too many calls before this one failed'),
    onChange: ({ name, isOpen }) => {
      if (isOpen) log?.warn({ upstream: name }, 'upstream fails; calls are refused until it works')
      else log?.info({ upstream: name }, 'upstream works again')
    },
  })
  const callFor =
    (caller: Caller): Call =>
    async (work, signal) => {
      if (signal.aborted) throw notSent('the time for it was over')
      const ask = () => work(aws, { abortSignal: signal })
      const call = async () => {
        try {
          return await ask().catch(async (error: unknown) => {
            if (!isCredentialError(error)) throw error
            // Credentials end, and are replaced, before the SDK knows of it: fetched anew once, they may be good (S13).
            await aws.config.credentials({ forceRefresh: true })
            return ask()
          })
        } catch (error) {
          throw vaultFailure(error, signal.aborted ? 'unclear' : sentOf(error))
        }
      }
      return breaker.run(caller, call, signal)
    }
  return { callFor, closedFor: () => breaker.closedFor(), close: () => aws.destroy() }
}

function notSent(why: string): VaultFailure {
  return new VaultFailure('STORAGE_UNAVAILABLE', `Secrets Manager was not asked: ${why}`, 'NotSent', 'not_sent')
}
