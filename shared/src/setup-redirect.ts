/** Where the practice sets up its connection, and where it goes on. */
export const setupPath = '/agent/setup/pms'
export const reviewPath = '/agent/setup/review'

/** Where the sign-in provider sends the browser back to. */
export const signInCallbackPath = '/auth/callback'

/** Why the callback sends the browser to the page without an outcome; all a query may say. */
const setupErrorCodes = [
  'access_denied',
  'invalid_state',
  'expired_state',
  'invalid_request',
  /** our own database did not answer; the code is unspent and a reload tries again */
  'temporarily_unavailable',
  /** more callbacks came from there than are taken */
  'too_many_requests',
] as const
export type SetupErrorCode = (typeof setupErrorCodes)[number]

/**
 * The query of the setup page (contract, section 6). It says what to ask the server for, never what
 * is so: `connected` is believed from the server alone.
 */
export type SetupQuery =
  | { kind: 'none' }
  | { kind: 'connecting'; attemptId?: string }
  | { kind: 'failed'; attemptId: string }
  | { kind: 'refused'; code: SetupErrorCode; attemptId?: string }

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Reads the page's query; what it does not know counts as nothing. `status=success` is the older form of connecting. */
export function readSetupQuery(search: string): SetupQuery {
  const query = new URLSearchParams(search)
  const attemptId = query.get('attempt') ?? ''
  const isAttempt = uuid.test(attemptId)
  const about = isAttempt ? { attemptId } : {}
  const code = setupErrorCodes.find((known) => known === query.get('error'))
  if (code) return { kind: 'refused', code, ...about }
  const status = query.get('status')
  if (status === 'connecting' || status === 'success') return { kind: 'connecting', ...about }
  if (status === 'error' && isAttempt) return { kind: 'failed', attemptId }
  return { kind: 'none' }
}

/** The page's address for what `readSetupQuery` reads back. */
export function setupLocation(appBaseUrl: string, query: SetupQuery): string {
  const location = new URL(setupPath, appBaseUrl)
  if (query.kind === 'connecting') location.searchParams.set('status', 'connecting')
  if (query.kind === 'failed') location.searchParams.set('status', 'error')
  if (query.kind === 'refused') location.searchParams.set('error', query.code)
  if (query.kind !== 'none' && query.attemptId !== undefined) location.searchParams.set('attempt', query.attemptId)
  return location.href
}
