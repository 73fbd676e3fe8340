import { Redacted } from '../config/redacted.ts'
import type { CallbackQuery } from '../connection/receive-callback.ts'

/** Longest accepted code, characters. */
const longestCode = 2_048

/** Parameters read, in any letter case. */
type Name = 'code' | 'state' | 'error'

/**
 * All values of each parameter, in order. The query is not form data: a `+` is a plus sign, since codes may hold base64
 * (S17).
 * @param search with or without the question mark
 */
function valuesOf(search: string): Record<Name, string[]> {
  const values: Record<Name, string[]> = { code: [], state: [], error: [] }
  for (const [name, value] of new URLSearchParams(search.replaceAll('+', '%2B'))) {
    const known = name.toLowerCase()
    if (known === 'code' || known === 'state' || known === 'error') values[known].push(value)
  }
  return values
}

/**
 * Errors, reduced to letters, that mean the user refused. Standard: `access_denied` (RFC 6749, section 4.1.2.1). Seen
 * elsewhere: `user_denied` (Facebook, Square), `user_cancelled_login`, `user_cancelled_authorize` (LinkedIn, Apple),
 * `consent_denied`, `authorization_declined`, `user_rejected`, `cancelled`.
 */
const denial =
  /denied|denial|deny|cancel|declin|disallow|^(user|access|consent|authorization)?(rejected|refused|aborted)/

function isDenial(error: string): boolean {
  return denial.test(error.toLowerCase().replaceAll(/[^a-z]/g, ''))
}

/**
 * Parses Sikka's callback query, strict in form and lenient in meaning (sikka-api, Authorization): an empty value is
 * absent, and an error takes precedence over a code.
 * @returns `malformed` when unusable; `denied` for a denial without a state, which identifies no attempt
 */
export function readCallbackQuery(search: string): CallbackQuery | 'malformed' | 'denied' {
  const values = valuesOf(search)
  if (Object.values(values).some((given) => given.length > 1)) return 'malformed'
  const [code, state, error] = [values.code[0], values.state[0], values.error[0]]
  const isDenied = error !== undefined && isDenial(error)
  if (!state) return isDenied ? 'denied' : 'malformed'
  if (error) return { kind: isDenied ? 'denied' : 'unclear', state }
  if (!code) return { kind: 'unclear', state }
  if (code.length > longestCode) return 'malformed'
  return { kind: 'code', state, code: new Redacted(code) }
}

/** Whether a request to the older callback path is a callback and not a page visit. */
export function isCallback(search: string): boolean {
  return Object.values(valuesOf(search)).some((given) => given.length > 0)
}
