import type { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import { maxWaitSeconds } from '@pms/shared/connection-terms'
import { mayPass, type ApiFailure } from '../api/api-failure.ts'

/** What is answered at once is asked for at most this often: milliseconds between two requests. */
export const askEvery = 1_000

/** A request that the server holds follows the one before sooner, so that no change waits for it: milliseconds. */
const holdEvery = 100

/**
 * The pause when nothing is expected soon, milliseconds: after the deadline, while the outcome is not known yet, and with
 * nothing in progress at a server that does not hold requests, such as one that is about to stop.
 */
const askSlowlyEvery = 10_000

/** Longest pause between two requests that fail, milliseconds. */
const longestBackoff = 15_000

/** What is known when the page decides about its next request. Times are this browser's, in milliseconds. */
export interface PollFacts {
  /** the newest answer */
  answer: ConnectionStatus | undefined
  answeredAt: number
  /** why the newest request failed, if it did */
  failure: ApiFailure | undefined
  failedAt: number
  /** how many requests in a row failed */
  failures: number
  /** 0 to 1, drawn at each failure, so that pages that failed together do not come back together */
  jitter: number
  /** when the newest request was sent */
  askedAt: number
  /** the server holds requests: the newest one brought news, or was the first */
  holds: boolean
  /** what is asked about may change at any time, whatever the answer: the account's connection */
  follows: boolean
}

/** When to ask next by this browser's clock, or `never` before something else happens: focus, network, a click. */
export function nextPoll(facts: PollFacts): number | 'never' {
  const { answer, failure } = facts
  if (answer && !isWaiting(answer, facts.follows)) return 'never'
  if (failure) {
    if (!mayPass(failure)) return 'never'
    return facts.failedAt + Math.max(failure.retryAfter, backoff(facts.failures, facts.jitter))
  }
  if (!answer) return 'never'
  const isConnecting = answer.status === 'connecting'
  if (isConnecting && (timeLeft(answer) ?? Infinity) <= 0) return facts.answeredAt + askSlowlyEvery
  if (facts.holds) return facts.askedAt + holdEvery
  // A request that was held for its whole time is long past both.
  return facts.askedAt + (isConnecting ? askEvery : askSlowlyEvery)
}

/** Whether a request for another answer is to be held: an attempt that is over does not change. */
export function isWaiting(answer: ConnectionStatus, follows: boolean): boolean {
  return follows || answer.status === 'connecting'
}

/**
 * What to ask for.
 * @param known the answer that the server may hold the request for until it changes; without it the server answers at once
 */
export function statusInput(
  attemptId: string | undefined,
  known?: ConnectionStatus,
): ConnectionStatusInput | undefined {
  const about = attemptId === undefined ? undefined : { attemptId }
  return known ? { ...about, after: known.revision, waitSeconds: maxWaitSeconds } : about
}

/** An answer that was on its way for longer never overwrites a newer one; both times are the server's. */
export function newerAnswer(known: ConnectionStatus | undefined, answer: ConnectionStatus): ConnectionStatus {
  return known && Date.parse(known.timestamp) > Date.parse(answer.timestamp) ? known : answer
}

/** How much time was left when the server answered, by its own clock alone, milliseconds; undefined without a deadline. */
export function timeLeft(answer: ConnectionStatus): number | undefined {
  if (answer.status !== 'connecting' || answer.deadline === undefined) return undefined
  return Date.parse(answer.deadline) - Date.parse(answer.timestamp)
}

/** 1, 2, 4, 8, then every 15 seconds; each up to a quarter longer. */
function backoff(failures: number, jitter: number): number {
  return Math.min(askEvery * 2 ** Math.max(0, failures - 1), longestBackoff) * (1 + jitter / 4)
}
