import type { ConnectionStatusInput } from '@pms/shared/connection-status'
import { connectionStatusText, type StatusAnswer } from '../connection/connection-status.ts'
import type { Status } from '../connection/status-of.ts'
import type { SignedInAccount } from '../identity/account-of-request.ts'
import { Refusal } from './api-error-code.ts'
import type { CallLimits } from './limits.ts'
import type { UseCases } from './use-cases.ts'

export interface StatusParts {
  useCases: Pick<UseCases, 'signIn' | 'connectionStatus'>
  limits: CallLimits
}

/**
 * A status question from the token to the answer's JSON: signed in, counted, read, answered; as every procedure is, and
 * without a promise when all that is in memory.
 * @param readInput called when the caller is known; throws a Refusal
 * @throws {IdentityError | Refusal} UNAUTHORIZED, TOO_MANY_REQUESTS, BAD_REQUEST, NOT_FOUND, and what a look-up throws
 */
export function answerStatus(
  { useCases, limits }: StatusParts,
  { authorization, signal }: { authorization: string | undefined; signal: () => AbortSignal },
  readInput: () => ConnectionStatusInput,
): string | Promise<string> {
  const account = useCases.signIn(authorization)
  return account instanceof Promise ? account.then(answer) : answer(account)

  function answer({ accountId }: SignedInAccount): string | Promise<string> {
    limits.count('pms.connectionStatus', accountId)
    const textOf = (each: StatusAnswer | undefined) => connectionStatusText(statusTold(limits, accountId, each))
    try {
      const told = useCases.connectionStatus(accountId, readInput(), signal)
      return told instanceof Promise ? told.then(textOf).catch(failed) : textOf(told)
    } catch (error) {
      return failed(error)
    }

    /** A call that failed for our reason is not counted (T13). */
    function failed(error: unknown): never {
      if (!(error instanceof Refusal)) limits.doNotCount('pms.connectionStatus', accountId)
      throw error
    }
  }
}

/** A call that was held and brings news is not counted. @throws {Refusal} NOT_FOUND where there is nothing to tell */
export function statusTold(limits: CallLimits, accountId: string, told: StatusAnswer | undefined): Status {
  if (!told) throw new Refusal('NOT_FOUND')
  if (told.isNews) limits.doNotCount('pms.connectionStatus', accountId)
  return told.status
}
