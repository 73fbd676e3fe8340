import type { PrismaClient } from '@pms/prisma/client'
import { databaseLimits } from '@pms/prisma/pool'
import { readStatuses, type StatusQuestion, type StatusRow } from './sql/status.ts'

export interface StatusStore {
  /**
   * One look-up: the account's integration with the asked-for attempt, or, without one, with the newest
   * attempt in progress.
   */
  read(accountId: string, attemptId: string | undefined): Promise<StatusRow>
}

interface Asked extends StatusQuestion {
  resolve: (row: StatusRow) => void
  reject: (error: unknown) => void
}

interface Waiting extends Asked {
  /** ends its wait */
  timer: NodeJS.Timeout
}

/** How many statements are on their way, of the pool's ten connections, and how many questions one may ask. */
const most = { statements: 4, questions: 250 } as const

/** A question that has waited too long for a statement to be asked with. */
export class NoLookUpInTime extends Error {
  override readonly name = 'NoLookUpInTime'
}

/**
 * Questions that come while all statements are on their way are asked together by the next one: when notices were
 * lost and ten thousand look for themselves, that is forty statements, and the pool stays free for others. They wait as
 * long as others do for a connection.
 */
export function statusStore(db: PrismaClient): StatusStore {
  const waiting = new Set<Waiting>()
  let statements = 0

  async function ask(asked: readonly Asked[]): Promise<void> {
    statements += 1
    try {
      const rows = await readStatuses(db, asked)
      for (const [index, { resolve, reject }] of asked.entries()) {
        const row = rows[index]
        if (row) resolve(row)
        else reject(new Error('The status look-up gave no row'))
      }
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
    statements -= 1
    if (waiting.size === 0) return
    const next = [...waiting].slice(0, most.questions)
    for (const each of next) {
      waiting.delete(each)
      clearTimeout(each.timer)
    }
    void ask(next)
  }

  function wait(question: StatusQuestion): Promise<StatusRow> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(asked)
        reject(new NoLookUpInTime('No statement was free to ask for the status with'))
      }, databaseLimits.connect)
      const asked = { ...question, resolve, reject, timer }
      waiting.add(asked)
    })
  }

  return {
    read(accountId, attemptId) {
      const question = { accountId, attemptId }
      if (statements >= most.statements) return wait(question)
      return new Promise((resolve, reject) => void ask([{ ...question, resolve, reject }]))
    },
  }
}
