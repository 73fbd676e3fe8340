import { Redacted } from '../config/redacted.ts'
import type { CallbackQuery } from '../connection/receive-callback.ts'

/** Longest code that is taken, characters. */
const longestCode = 2_048

/**
 * Reads what Sikka sent, strictly in form and tolerantly in meaning (sikka-api, Authorization).
 * @returns `malformed` when nothing can be made of it; `denied` without a state, which names no attempt
 */
export function readCallbackQuery(search: URLSearchParams): CallbackQuery | 'malformed' | 'denied' {
  const code = search.getAll('code')
  const state = search.getAll('state')
  const error = search.getAll('error')
  if ([code, state, error].some((values) => values.length > 1)) return 'malformed'
  if (code.length > 0 && error.length > 0) return 'malformed'
  const isDenied = error[0] === 'access_denied'
  if (!state[0]) return isDenied && state.length === 0 ? 'denied' : 'malformed'
  if (error.length > 0) return { kind: isDenied ? 'denied' : 'unclear', state: state[0] }
  if (code.length === 0) return { kind: 'unclear', state: state[0] }
  if (!code[0] || code[0].length > longestCode) return 'malformed'
  return { kind: 'code', state: state[0], code: new Redacted(code[0]) }
}

/** Whether the older address of the callback was called as one, and not as a page. */
export function isCallback(search: URLSearchParams): boolean {
  return search.has('code') || search.has('state') || search.has('error')
}
