import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionFailure } from '../failure.ts'
import { officeUnproven } from './own-list.ts'
import { persist } from './persist.ts'
import type { Practice } from '../practice.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Work } from '../store/open-store.ts'

declare const reserved: unique symbol

/** A practice that this attempt alone may store. Only `reserveOffice` makes one. */
export interface ReservedPractice extends Practice {
  /** ARN of the account's existing secret */
  readonly knownSecret: string | undefined
  readonly [reserved]: true
}

/** Interval and limit of waiting for another attempt to store, milliseconds; a dead worker's lease ends sooner. */
const pause = 100
const patience = 30_000

/**
 * Contract, section 6, step 6. Runs before anything is written, so that a refused attempt writes no secret and leaves a
 * working connection's alone.
 * @param mayReplace the office of this account that the user has agreed to replace
 * @param isNamed whether Sikka has named the office (`issued_to`)
 * @returns the practice, or the one that it would replace without the user's agreement
 * @throws {ConnectionFailure} CONFLICT, OFFICE_UNPROVEN, INTERRUPTED, STORAGE_UNAVAILABLE
 */
export async function reserveOffice(
  { work, isPassing }: { work: Work; isPassing: (error: unknown) => boolean },
  attempt: Held,
  practice: Practice,
  { mayReplace, isNamed }: { mayReplace: string | undefined; isNamed: boolean },
  signal: AbortSignal,
): Promise<ReservedPractice | { replaces: { officeId: string; practiceName: string } }> {
  const giveUpAt = performance.now() + patience
  for (;;) {
    const reserve = () => work.reserveOffice(attempt, practice.officeId, mayReplace, isNamed)
    const reservation = await persist(reserve, isPassing, signal)
    if (reservation === 'taken') throw new ConnectionFailure('CONFLICT', 'The practice is connected to another account')
    if (reservation === 'unproven') throw officeUnproven()
    if (reservation === 'lost') throw new ConnectionFailure('INTERRUPTED', 'The attempt was over before it was stored')
    if (reservation !== 'busy') {
      if ('replaces' in reservation) return reservation
      return { ...practice, knownSecret: reservation.secretArn } as ReservedPractice
    }
    if (performance.now() > giveUpAt) {
      throw new ConnectionFailure('STORAGE_UNAVAILABLE', `Another attempt has been storing for ${patience} ms`)
    }
    await sleep(pause, undefined, { signal })
  }
}
