import { ConnectionFailure } from '../failure.ts'
import type { Answer } from './call.ts'
import type { Clock } from '../clock.ts'

/** Longest time that a call waits for its turn, milliseconds. */
const longestWait = 30_000
/**
 * Longest time that an answer can hold up the calls after it, milliseconds: Sikka's window (sikka-api, Errors).
 * What asks for more is asked again after it.
 */
const longestPause = 60_000

/** Keeps calls back while Sikka wants none. */
export interface RateLimit {
  /**
   * Waits until calls are wanted again.
   * @throws {ConnectionFailure} PROVIDER_UNAVAILABLE, `limited`, when that takes longer than 30 seconds or than the
   * signal allows; nothing was sent then
   */
  waitForTurn(signal: AbortSignal): Promise<void>
  /** Learns from an answer. */
  note(answer: Answer): void
}

export function rateLimit(clock: Clock): RateLimit {
  let closedUntil = -Infinity
  return {
    async waitForTurn(signal) {
      const patience = clock.now() + longestWait
      // Again and again, because other answers may have moved it meanwhile.
      for (let rest = closedUntil - clock.now(); rest > 0; rest = closedUntil - clock.now()) {
        const tooLate = closedUntil > patience || (await stopsDuring(clock.sleep(rest, signal)))
        if (!tooLate) continue
        const reason = 'limited'
        throw new ConnectionFailure('PROVIDER_UNAVAILABLE', 'Not sent: Sikka wants no calls for now', { reason })
      }
    },
    note(answer) {
      const pause = pauseAsked(answer)
      if (pause !== undefined) closedUntil = Math.max(closedUntil, clock.now() + Math.min(pause, longestPause))
    },
  }
}

async function stopsDuring(pause: Promise<void>): Promise<boolean> {
  return pause.then(
    () => false,
    () => true,
  )
}

/**
 * How long the answer wants no calls after it: with 429, or with the last call of the window (`X-Rate-Limit-*`), or
 * with 503 and `Retry-After`.
 * @returns milliseconds; undefined when it does not say
 */
export function pauseAsked({ status, headers, receivedAt }: Pick<Answer, 'status' | 'headers' | 'receivedAt'>) {
  const isUsedUp = status === 429 || seconds(headers['x-rate-limit-remaining']) === 0
  const asked = [
    isUsedUp ? seconds(headers['x-rate-limit-reset']) : undefined,
    isUsedUp || status === 503 ? retryAfter(headers['retry-after'], receivedAt) : undefined,
  ].filter((each) => each !== undefined)
  return asked.length > 0 ? Math.max(...asked) * 1000 : undefined
}

type Header = string | string[] | undefined

function seconds(header: Header): number | undefined {
  return typeof header === 'string' && /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined
}

/** Seconds, or a date by Sikka's clock. */
function retryAfter(header: Header, receivedAt: Date): number | undefined {
  const given = seconds(header)
  if (given !== undefined || typeof header !== 'string') return given
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, until - receivedAt.getTime()) / 1000
}
