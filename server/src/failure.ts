import type { ConnectionErrorCode } from '@pms/shared/errors'

/**
 * Why an attempt cannot go on. Every room throws this one error: `code` is what the database stores
 * and the browser learns; `message` is ours, for the log, with no value and no text from outside.
 */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure'
  readonly code: ConnectionErrorCode

  constructor(code: ConnectionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
