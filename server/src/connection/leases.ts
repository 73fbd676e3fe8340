import type { Logger } from 'pino'
import { ConnectionFailure } from '../failure.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Work } from '../store/open-store.ts'

/** Renewal interval, milliseconds; a lease lasts ten seconds. */
const renewEvery = 3_000

/** Leases on this server's attempts, renewed so that no other server takes them over. */
export interface Leases {
  /**
   * @returns `signal` fires when the lease is lost; `release` ends the renewals; `isHandedBack` tells that the attempt
   * was given to other servers, which end it
   */
  hold(attempt: Held): { signal: AbortSignal; release: () => void; isHandedBack: () => boolean }
  /** When the server stops, hands unfinished attempts to the others, which take them over at once. */
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
          // The database is away for the others as well. Every step checks the lease.
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
