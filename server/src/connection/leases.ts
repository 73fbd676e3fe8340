import type { Logger } from 'pino'
import { ConnectionFailure } from '../failure.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Work } from '../store/open-store.ts'

/** Renewed this often, milliseconds; a lease is good for ten seconds. */
const renewEvery = 3_000

/** The attempts that this server works on: it says so again and again, so that no other takes them over. */
export interface Leases {
  /**
   * @returns `signal` fires when the attempt is no longer ours; `release` ends the renewing; `isHandedBack` when it
   * was given to others, who end it
   */
  hold(attempt: Held): { signal: AbortSignal; release: () => void; isHandedBack: () => boolean }
  /** A server that stops lets go of what it has not finished: others take it over at once. */
  handBackAll(): Promise<void>
}

export function attemptLeases(work: Work, log: Logger): Leases {
  const held = new Map<Held, (reason: ConnectionFailure) => void>()

  return {
    hold(attempt) {
      const lost = new AbortController()
      let handedBack = false
      const give = (reason: ConnectionFailure): void => {
        clearInterval(timer)
        held.delete(attempt)
        lost.abort(reason)
      }
      const renew = async (): Promise<void> => {
        try {
          const isOurs = await work.renewLease(attempt)
          if (!isOurs && held.has(attempt)) give(interrupted('The attempt was taken over'))
        } catch (error) {
          // The database is away: for the others as well. What counts is checked at every step.
          log.warn({ err: error, attemptId: attempt.id }, 'a lease could not be renewed')
        }
      }
      const timer = setInterval(() => void renew(), renewEvery)
      held.set(attempt, (reason) => {
        handedBack = true
        give(reason)
      })
      return {
        signal: lost.signal,
        isHandedBack: () => handedBack,
        release: () => {
          clearInterval(timer)
          held.delete(attempt)
        },
      }
    },
    async handBackAll() {
      await Promise.all(
        [...held].map(async ([attempt, give]) => {
          give(interrupted('The server stops; the attempt was handed back'))
          await work.handBack(attempt)
          log.warn({ attemptId: attempt.id }, 'an attempt was handed back')
        }),
      )
    },
  }
}

function interrupted(message: string): ConnectionFailure {
  return new ConnectionFailure('INTERRUPTED', message)
}
