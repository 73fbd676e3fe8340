import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionFailure } from '../failure.ts'
import type { ClaimedAttempt } from './claim-attempt.ts'
import { persist } from './persist.ts'
import type { Attempts, Practice } from './ports.ts'

declare const reserved: unique symbol

/** A practice that this attempt alone may store. Only `reserveOffice` makes one. */
export interface ReservedPractice extends Practice {
  readonly [reserved]: true
}

/** How often and how long another attempt's storing is waited for, milliseconds. */
const pause = 100
const patience = 20_000

/**
 * Contract, section 6, step 6, before anything is written: so a refused attempt has written no secret, and
 * leaves a working connection's alone.
 * @throws {ConnectionFailure} CONFLICT, REPLACEMENT_UNCONFIRMED, INTERRUPTED, STORAGE_UNAVAILABLE
 */
export async function reserveOffice(
  { attempts, isPassing }: { attempts: Attempts; isPassing: (error: unknown) => boolean },
  attempt: ClaimedAttempt,
  practice: Practice,
  signal: AbortSignal,
): Promise<ReservedPractice> {
  const giveUpAt = performance.now() + patience
  for (;;) {
    const reserve = () => attempts.reserveOffice(attempt, practice.officeId)
    const reservation = await persist(reserve, isPassing, signal)
    if (reservation === 'reserved') return practice as ReservedPractice
    if (reservation === 'taken') throw new ConnectionFailure('CONFLICT', 'The practice is connected to another account')
    if (reservation === 'replaces') {
      throw new ConnectionFailure('REPLACEMENT_UNCONFIRMED', 'The account is connected to another practice')
    }
    if (reservation === 'lost') throw new ConnectionFailure('INTERRUPTED', 'The attempt was over before it was stored')
    if (performance.now() > giveUpAt) {
      throw new ConnectionFailure('STORAGE_UNAVAILABLE', `Another attempt has been storing for ${patience} ms`)
    }
    await sleep(pause, undefined, { signal })
  }
}
