import { apiErrorCodes, apiErrorText, connectionErrorCodes } from '@pms/shared/errors'
import { expect, it } from 'vitest'
import { ConnectionFailure } from '../failure.ts'
import { IdentityError } from '../identity/verify-token.ts'
import { apiError, apiErrorCode, httpStatus, Refusal } from './api-error-code.ts'

const codeOf = (error: unknown, isUnavailable = false) => apiErrorCode(error, () => isUnavailable)

it.each(apiErrorCodes)('a refusal of the edge has its own code, words and status: %s', (code) => {
  const refusal = new Refusal(code)
  expect(codeOf(refusal, true)).toBe(code)
  expect(refusal).toMatchObject({ name: 'Refusal', message: apiErrorText[code], retryAfter: undefined })
  expect(httpStatus[code]).toBeGreaterThanOrEqual(400)
  expect(apiError(code, 'request-1')).toEqual({ code, message: apiErrorText[code], requestId: 'request-1' })
})

it('a refusal says when to ask again', () => {
  expect(new Refusal('TOO_MANY_REQUESTS', { retryAfter: 7 }).retryAfter).toBe(7)
})

it('each code has the status that HTTP has for it', () => {
  expect(httpStatus).toEqual({
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
  })
})

it('AT7, F105: a token that is refused is the caller’s, a key set that cannot be had is ours', () => {
  expect(codeOf(new IdentityError('refused', 'demo'), true)).toBe('UNAUTHORIZED')
  expect(codeOf(new IdentityError('unavailable', 'demo'))).toBe('SERVICE_UNAVAILABLE')
})

const away: ReadonlySet<string> = new Set(['PROVIDER_UNAVAILABLE', 'STORAGE_UNAVAILABLE'])

it.each(connectionErrorCodes)('a failure %s names Sikka or the vault only when they are away', (code) => {
  expect(codeOf(new ConnectionFailure(code, 'demo'))).toBe(
    away.has(code) ? 'PROVIDER_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR',
  )
})

it('F67, F112: what is not ours is the database’s, or INTERNAL_SERVER_ERROR', () => {
  expect(codeOf(new Error('demo'), true)).toBe('SERVICE_UNAVAILABLE')
  expect(codeOf(new Error('demo'))).toBe('INTERNAL_SERVER_ERROR')
  expect(codeOf({ code: 'PROVIDER_UNAVAILABLE' })).toBe('INTERNAL_SERVER_ERROR')
  expect(codeOf('UNAUTHORIZED')).toBe('INTERNAL_SERVER_ERROR')
})
