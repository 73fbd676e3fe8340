import type { PrismaClient } from '@pms/prisma/client'
import type { JobParts } from './job-queue.ts'
import * as attempts from './sql/attempts.ts'
import * as sql from './sql/sweep.ts'

/** Days that attempts which have ended are kept; the audit keeps what happened. */
const keepDays = 30

/** So many rows are looked after by one statement. */
const partSize = 200

/** What no job looks after: because it was lost, or an older version has sent none. */
export interface SweepStore {
  /**
   * @returns how much was looked after, by kind
   * @throws AggregateError with what failed, once all the others are done: none of them waits for it to be mended
   */
  sweep(): Promise<Record<Kind, number>>
}

type Kind = 'expired' | 'unwatched' | 'overdue' | 'planned' | 'abandoned' | 'deleted'

export function sweepStore(db: PrismaClient, jobs: JobParts): SweepStore {
  /** Looks after what is found in parts, each a statement by itself: one that fails costs the others nothing. */
  async function inParts(
    found: Promise<{ id: string }[]>,
    lookAfter: (part: readonly string[]) => Promise<unknown>,
    failures: unknown[],
  ): Promise<number> {
    const ids = (await found).map(({ id }) => id)
    let done = 0
    for (let start = 0; start < ids.length; start += partSize) {
      const part = ids.slice(start, start + partSize)
      try {
        await lookAfter(part)
        done += part.length
      } catch (error) {
        failures.push(error)
      }
    }
    return done
  }

  const kinds: Record<Kind, (failures: unknown[]) => Promise<number>> = {
    expired: () => attempts.expire(db, undefined, undefined),
    unwatched: (failures) => inParts(sql.unwatched(db), (ids) => sql.watchAgain(db, jobs, ids), failures),
    overdue: (failures) => inParts(sql.overdueRefreshes(db), (ids) => sql.refreshAgain(db, jobs, ids), failures),
    planned: (failures) => inParts(sql.unplanned(db), (ids) => sql.planRefreshes(db, jobs, ids), failures),
    abandoned: (failures) => inParts(sql.abandoned(db), (ids) => sql.lookAfterAbandoned(db, jobs, ids), failures),
    deleted: () => attempts.deleteOld(db, keepDays),
  }

  return {
    async sweep() {
      const found = { expired: 0, unwatched: 0, overdue: 0, planned: 0, abandoned: 0, deleted: 0 }
      const failures: unknown[] = []
      for (const [kind, look] of Object.entries(kinds) as [Kind, (typeof kinds)[Kind]][]) {
        const causes: unknown[] = []
        found[kind] = await look(causes).catch((error: unknown) => {
          causes.push(error)
          return 0
        })
        for (const cause of causes) failures.push(new Error(`The sweep of what is ${kind} failed`, { cause }))
      }
      if (failures.length > 0) throw new AggregateError(failures, 'A part of the sweep failed')
      return found
    },
  }
}
