import { systemClock, type Clock } from '../clock.ts'
import { ConnectionFailure } from '../failure.ts'

/**
 * Keeps an error of ours from ending every connection (A10). Sikka may refuse all practices because our application is
 * blocked, and Secrets Manager may return nothing readable: each refusal alone looks like that practice's fault.
 */
export interface RefusalBrake {
  /** Keys of a practice were accepted: later refusals count from zero. */
  accepted(): void
  /** @returns whether the row of this account may become ERROR for a refusal */
  mayFlip(accountId: string): boolean
}

/** Rows that may become ERROR between accepted refreshes. A clinic or two withdraw in a day; five at once do not. */
const mostInARow = 5

/** The count restarts when the last refusal is this old, milliseconds. */
const memory = 24 * 60 * 60 * 1000

/** Counts for each process: every server, and every restart, lets five rows through. */
export function refusalBrake(clock: Pick<Clock, 'now'> = systemClock): RefusalBrake {
  const refused = new Set<string>()
  let lastAt = -Infinity
  return {
    accepted: () => refused.clear(),
    mayFlip(accountId) {
      if (clock.now() - lastAt > memory) refused.clear()
      lastAt = clock.now()
      if (refused.size >= mostInARow && !refused.has(accountId)) return false
      refused.add(accountId)
      return true
    },
  }
}

/** Too many refusals to be true: the job retries until one practice is accepted or an operator has fixed the cause. */
export class TooManyRefused extends ConnectionFailure {
  constructor() {
    super(
      'CONFIG',
      `The keys of more than ${mostInARow} practices in a row were refused: check SIKKA_APP_ID, SIKKA_APP_KEY`,
    )
  }
}
