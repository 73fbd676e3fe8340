/** Why a connection failed: what a browser may know of it. Stored on the attempt, never a text from outside. */
export const connectionErrorCodes = [
  /** the user pressed Deny at Sikka */
  'ACCESS_DENIED',
  /** Sikka refused the authorization code */
  'CODE_REJECTED',
  /** the practice is connected to another account */
  'CONFLICT',
  /** Sikka lists no practice for this authorization */
  'NO_PRACTICE',
  /** Sikka does not say which practice authorised us, and its list is not one to choose from */
  'SEVERAL_PRACTICES',
  /** Sikka does not say which practice authorised us, and its list is not known to be the user's own */
  'OFFICE_UNPROVEN',
  /** Sikka came back with an error other than a denial, or with neither code nor error */
  'PROVIDER_ERROR',
  /** Sikka did not answer, or answered that it cannot now */
  'PROVIDER_UNAVAILABLE',
  /** Sikka answered something that cannot be understood */
  'BAD_RESPONSE',
  /** our own settings are wrong: application key, AWS permissions */
  'CONFIG',
  /** the keys could not be stored */
  'STORAGE_UNAVAILABLE',
  /** the user did not come back from Sikka, or did not choose a practice, within ten minutes */
  'EXPIRED',
  /** the user said no to the practice that was offered */
  'DECLINED',
  /** the user started a newer attempt instead of answering this one's question */
  'REPLACED',
  /** the user disconnected while the attempt was in progress */
  'DISCONNECTED',
  /** the server that worked on the attempt stopped before the end */
  'INTERRUPTED',
  /** the keys of a connected practice are no longer accepted: it has to be connected again */
  'RECONNECT_REQUIRED',
  /** the stored keys of a connected practice cannot be read: it has to be connected again */
  'KEYS_UNREADABLE',
  /** anything else; the log has it under the request id */
  'INTERNAL',
] as const
export type ConnectionErrorCode = (typeof connectionErrorCodes)[number]

/** A connection that was there and has stopped working; `{practiceName}` is to be filled in. */
export const lostText = 'The connection to {practiceName} has stopped working.'

const failed = 'Failed to connect PMS. Please try again.'

/** The words of contract section 8, total by type. */
export const connectionErrorText: Record<ConnectionErrorCode, string> = {
  ACCESS_DENIED: 'Authorization cancelled. You can try again anytime.',
  CODE_REJECTED: 'Authorization failed. Please try again or contact support.',
  CONFLICT: 'This practice is already connected to another account.',
  NO_PRACTICE: failed,
  SEVERAL_PRACTICES: failed,
  OFFICE_UNPROVEN: failed,
  PROVIDER_ERROR: failed,
  PROVIDER_UNAVAILABLE: failed,
  BAD_RESPONSE: failed,
  CONFIG: failed,
  STORAGE_UNAVAILABLE: failed,
  EXPIRED: failed,
  DECLINED: 'You decided not to connect this practice. You can try again anytime.',
  REPLACED: 'You started a newer attempt, so this one has ended.',
  DISCONNECTED: 'You disconnected the practice, so this attempt has ended.',
  INTERRUPTED: failed,
  RECONNECT_REQUIRED: failed,
  KEYS_UNREADABLE: failed,
  INTERNAL: failed,
}

/** The text when the page has waited until `deadline` without an outcome. */
export const timeoutText = 'Connection timeout. Please try again or contact support.'

/** Stable codes of the errors that procedures and routes answer with, each with a request id. */
export const apiErrorCodes = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_SUPPORTED',
  'CONFLICT',
  'PAYLOAD_TOO_LARGE',
  'TOO_MANY_REQUESTS',
  'SERVICE_UNAVAILABLE',
  /** a service that we depend on does not answer: Sikka, or the one that keeps the keys */
  'PROVIDER_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const
export type ApiErrorCode = (typeof apiErrorCodes)[number]

/** What a client reads of an error; the cause stays in the log, under the same request id. */
export const apiErrorText: Record<ApiErrorCode, string> = {
  BAD_REQUEST: 'The request is not valid',
  UNAUTHORIZED: 'Sign in first',
  FORBIDDEN: 'Not allowed',
  NOT_FOUND: 'Not found',
  METHOD_NOT_SUPPORTED: 'Method not supported',
  CONFLICT: 'In conflict with the present state',
  PAYLOAD_TOO_LARGE: 'The request is too large',
  TOO_MANY_REQUESTS: 'Too many requests',
  SERVICE_UNAVAILABLE: 'Not available now. Please try again',
  PROVIDER_UNAVAILABLE: 'The provider is not available now. Please try again later',
  INTERNAL_SERVER_ERROR: 'Something went wrong',
}

/** Body of an error from the plain HTTP routes. */
export interface ApiError {
  code: ApiErrorCode
  message: string
  requestId: string
}

/** Whether it is a code that this version knows. */
export function isConnectionErrorCode(code: unknown): code is ConnectionErrorCode {
  return connectionErrorCodes.some((known) => known === code)
}

/** Whether it is a code that this version knows. */
export function isApiErrorCode(code: unknown): code is ApiErrorCode {
  return apiErrorCodes.some((known) => known === code)
}
