import { isApiErrorCode, type ApiErrorCode } from '@pms/shared/errors'
import { TRPCClientError } from '@trpc/client'

/** A failed call, as far as the page has to know it. */
export interface ApiFailure {
  /** undefined when no answer of our server arrived: no network, a gateway's page, no answer in time */
  code: ApiErrorCode | undefined
  /** to quote to support */
  requestId: string | undefined
  /** how long the server asks to be left alone, milliseconds */
  retryAfter: number
}

const passing = new Set<ApiErrorCode>(['TOO_MANY_REQUESTS', 'SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'])

/** Longest wait that a `Retry-After` may ask of the page, milliseconds. */
const longestWait = 15 * 60_000

/** Reads any error of a call. */
export function readApiFailure(error: unknown): ApiFailure {
  if (!(error instanceof TRPCClientError)) return { code: undefined, requestId: undefined, retryAfter: 0 }
  const data: unknown = error.data
  const code = field(data, 'code')
  const requestId = field(data, 'requestId')
  const response = error.meta?.['response']
  return {
    code: isApiErrorCode(code) ? code : undefined,
    requestId: typeof requestId === 'string' && requestId !== '' ? requestId : undefined,
    retryAfter: response instanceof Response ? readRetryAfter(response.headers.get('retry-after')) : 0,
  }
}

/** Whether the same call may well succeed a little later. */
export function mayPass(failure: ApiFailure): boolean {
  return failure.code === undefined || passing.has(failure.code)
}

/** Seconds only: a date would have to be held against this browser's clock. */
function readRetryAfter(header: string | null): number {
  if (header === null || !/^\d{1,9}$/.test(header)) return 0
  return Math.min(Number(header) * 1000, longestWait)
}

function field(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? Object.entries(data).find(([key]) => key === name)?.[1] : undefined
}
