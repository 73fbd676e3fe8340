import { ErrorResponse, ErrorTimeout } from 'oidc-client-ts'

const passingErrors = new Set(['server_error', 'temporarily_unavailable', 'slow_down'])

/**
 * Whether a renewal failed for a reason that says nothing about the session: no network, no answer in
 * time, a provider in trouble. Anything else means that the person has to sign in again.
 */
export function isPassingFailure(error: unknown): boolean {
  if (error instanceof ErrorResponse) return passingErrors.has(error.error ?? '')
  if (error instanceof ErrorTimeout || error instanceof TypeError) return true
  // The library's words for an answer without an OAuth error: "Service Unavailable (503)".
  return error instanceof Error && /\((429|5\d\d)\)/.test(error.message)
}
