import type { ConnectionErrorCode } from '@pms/shared/errors'

/**
 * What is known of a call that failed, for whoever decides whether it may be made again:
 * - `not_sent`: no connection came about, so nothing was received;
 * - `unclear`: it may have been received and done, but no answer says so;
 * - `limited`: refused for now, because of too many calls; not done;
 * - `expired_key`: the request key is over (API1025); not done;
 * - `bad_parameter`: a parameter was refused (API1020, API1026); says nothing of the practice, so that one wrong name of
 *   ours does not end every connection (A10);
 * - `refused`: refused for good, this key or this practice's authorization is no longer accepted.
 */
export type FailureReason = 'not_sent' | 'unclear' | 'limited' | 'expired_key' | 'bad_parameter' | 'refused'

/**
 * Why an attempt cannot go on. Every room throws this one error: `code` is what the database stores
 * and the browser learns; `message` is ours, for the log, with no value and no text from outside.
 */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure'
  readonly code: ConnectionErrorCode
  readonly reason: FailureReason | undefined
  /** seconds after which the same may succeed, where that is known */
  readonly retryAfter: number | undefined

  constructor(
    code: ConnectionErrorCode,
    message: string,
    options: ErrorOptions & { reason?: FailureReason; retryAfter?: number } = {},
  ) {
    super(message, options)
    this.code = code
    this.reason = options.reason
    this.retryAfter = options.retryAfter
  }
}
