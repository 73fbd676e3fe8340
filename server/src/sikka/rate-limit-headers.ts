import type { Answer } from './call.ts'

/** Sikka's window (sikka-api, Errors), and so the longest time that one answer can hold back calls; milliseconds. */
export const windowLength = 60_000
/** The pause after a 429, or the last call of a window, that does not say when the window ends; milliseconds. */
const unsaidPause = 5_000
/** And of one that says that it ends now; milliseconds. */
const shortestPause = 1_000

type Said = Pick<Answer, 'status' | 'headers' | 'receivedAt'>

/**
 * What an answer says of the application's limit, in `X-Rate-Limit-*` and, with a 429 or the last call, `Retry-After`.
 * @returns `plan`: calls a window; `left`: of the present one; `endsIn`: milliseconds, 60 seconds at most, and one at
 * least when no call is left. Undefined is what it does not say.
 */
export function windowSaid({ status, headers, receivedAt }: Said) {
  const plan = wholeNumber(headers['x-rate-limit-limit']) || undefined
  const left = status === 429 ? 0 : wholeNumber(headers['x-rate-limit-remaining'])
  const reset = wholeNumber(headers['x-rate-limit-reset'])
  const said = [reset, left === 0 ? retryAfter(headers['retry-after'], receivedAt) : undefined].filter(
    (each) => each !== undefined,
  )
  const longest = said.length > 0 ? Math.min(Math.max(...said) * 1000, windowLength) : undefined
  return { plan, left, endsIn: left === 0 ? Math.max(longest ?? unsaidPause, shortestPause) : longest }
}

/**
 * How long a 503 asks to be left alone (`Retry-After`): whoever got it, since it may be about their office.
 * @returns milliseconds, 60 seconds at most; undefined when it does not say
 */
export function restSaid({ status, headers, receivedAt }: Said): number | undefined {
  const rest = status === 503 ? retryAfter(headers['retry-after'], receivedAt) : undefined
  return rest === undefined ? undefined : Math.min(rest * 1000, windowLength)
}

type Header = string | string[] | undefined

function wholeNumber(header: Header): number | undefined {
  return typeof header === 'string' && /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined
}

/** Seconds, or a date by Sikka's clock. */
function retryAfter(header: Header, receivedAt: Date): number | undefined {
  const given = wholeNumber(header)
  if (given !== undefined || typeof header !== 'string') return given
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, until - receivedAt.getTime()) / 1000
}
