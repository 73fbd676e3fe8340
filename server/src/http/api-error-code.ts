import { apiErrorText, type ApiError, type ApiErrorCode } from '@pms/shared/errors'
import { ConnectionFailure } from '../failure.ts'
import { IdentityError } from '../identity/verify-token.ts'

/** A request that the edge itself refuses, with its code for the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ApiErrorCode
  /** seconds to wait before retrying */
  readonly retryAfter: number | undefined

  constructor(code: ApiErrorCode, { retryAfter }: { retryAfter?: number } = {}) {
    super(apiErrorText[code])
    this.code = code
    this.retryAfter = retryAfter
  }
}

export const httpStatus = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_SUPPORTED: 405,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
  PROVIDER_UNAVAILABLE: 503,
} as const satisfies Record<ApiErrorCode, number>

const awayCodes: ReadonlySet<string> = new Set(['PROVIDER_UNAVAILABLE', 'STORAGE_UNAVAILABLE'])

/** Maps a thrown error to the client's error code; unknown errors become INTERNAL_SERVER_ERROR. */
export function apiErrorCode(error: unknown, isUnavailable: (error: unknown) => boolean): ApiErrorCode {
  if (error instanceof Refusal) return error.code
  if (error instanceof IdentityError) return error.kind === 'refused' ? 'UNAUTHORIZED' : 'SERVICE_UNAVAILABLE'
  if (error instanceof ConnectionFailure && awayCodes.has(error.code)) return 'PROVIDER_UNAVAILABLE'
  return isUnavailable(error) ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR'
}

/** Seconds to wait before retrying a refused call; undefined when unknown. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof Refusal || error instanceof ConnectionFailure ? error.retryAfter : undefined
}

export function apiError(code: ApiErrorCode, requestId: string): ApiError {
  return { code, message: apiErrorText[code], requestId }
}
