import type { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import { readApiFailure } from '../api/api-failure.ts'
import { inTime } from '../api/in-time.ts'
import { isWaiting, newerAnswer, nextPoll, statusInput } from './next-poll.ts'
import type { OtherTabs } from './other-tabs.ts'
import { pause } from './pause.ts'

/** A held request that has not come back by then is given up, milliseconds; the server holds for 25 seconds at most. */
const giveUpAfter = 35_000

export interface WatchParts {
  /** the attempt to ask about; without it, the account */
  attemptId: string | undefined
  ask: (input: ConnectionStatusInput | undefined, signal: AbortSignal) => Promise<ConnectionStatus>
  /** the newest answer, from this tab or another */
  known: () => ConnectionStatus | undefined
  /** the document is hidden: what waits for its turn is not sent */
  isResting: () => boolean
  tabs: OtherTabs
}

/** What a query's state says when the page decides about its next request. */
interface QueryFacts {
  data: ConnectionStatus | undefined
  dataUpdatedAt: number
  error: Error | null
  errorUpdatedAt: number
}

/** Asks for one status, again and again: remembers what the next request depends on. */
export interface StatusWatch {
  /** Sends the next request, no sooner than a `Retry-After` allows. */
  next(signal: AbortSignal): Promise<ConnectionStatus>
  /** The next request is answered at once, whether or not there is news. */
  hurry(): void
  /** Why the newest request failed; the cache forgets it when it tries again without ever having had an answer. */
  lastError(): unknown
  /** How long to wait before the next request, milliseconds; false: not by itself. */
  delay(query: QueryFacts): number | false
}

export function createStatusWatch({ attemptId, ask, known, isResting, tabs }: WatchParts): StatusWatch {
  /** The account's connection may change at any time; an attempt that is pending, when its callback is taken up (S20). */
  const follows = (answer: ConnectionStatus | undefined): boolean =>
    attemptId === undefined || answer?.status === 'pending'
  let askedAt = -Infinity
  let notBefore = -Infinity
  let failures = 0
  let jitter = 0
  let hurried = false
  let holds = true
  let lastError: unknown

  async function send(input: ConnectionStatusInput | undefined, signal: AbortSignal): Promise<ConnectionStatus> {
    askedAt = Date.now()
    const { after } = input ?? {}
    try {
      const answer = await inTime(giveUpAfter, signal, (ending) => ask(input, ending))
      failures = 0
      lastError = undefined
      // Without news it has waited its time, or the server does not hold it: then a pause is due.
      holds = answer.revision !== after
      tabs.tell(answer)
      return newerAnswer(known(), answer)
    } catch (error) {
      if (!signal.aborted) {
        failures += 1
        lastError = error
        jitter = Math.random()
        notBefore = Date.now() + readApiFailure(error).retryAfter
      }
      throw error
    }
  }

  return {
    async next(signal) {
      await pause(notBefore - Date.now(), signal)
      const before = known()
      const hold = !hurried && before !== undefined && isWaiting(before, follows(before))
      hurried = false
      if (!hold) return send(statusInput(attemptId), signal)
      return tabs.inTurn(signal, async () => {
        const heard = known() ?? before
        const isNews = heard.revision !== before.revision
        return isNews || isResting() ? heard : send(statusInput(attemptId, before), signal)
      })
    },

    hurry() {
      hurried = true
    },

    lastError: () => lastError,

    delay(query) {
      const at = nextPoll({
        answer: query.data,
        answeredAt: query.dataUpdatedAt,
        failure: query.error ? readApiFailure(query.error) : undefined,
        failedAt: query.errorUpdatedAt,
        failures,
        jitter,
        askedAt,
        holds,
        follows: follows(query.data),
      })
      // A timer of zero would be none.
      return at === 'never' ? false : Math.max(1, at - Date.now())
    },
  }
}
