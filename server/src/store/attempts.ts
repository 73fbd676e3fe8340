import type { CallbackAnswer } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import type { JobParts } from './job-queue.ts'
import * as sql from './sql/attempts.ts'
import type { AttemptKey, AttemptRow, Return } from './sql/attempts.ts'

/** Attempts until they are claimed, and what is answered to the callback. Every change is one short transaction. */
export interface AttemptStore {
  create(
    attempt: AttemptKey & { id: string; requestId: string },
  ): Promise<{ id: string; createdAt: Date; expiresAt: Date }>
  /**
   * Takes the attempt for the browser that brings its state back, once: of many at a time one gets it.
   * @returns undefined when it is unknown, another browser's, over, or taken already
   */
  take(key: AttemptKey & { requestId: string }, change: Return): Promise<{ id: string; leaseToken: number } | undefined>
  find(nonceHash: Uint8Array<ArrayBuffer>): Promise<AttemptRow | undefined>
  /** Marks an attempt that came back too late. */
  expire(attemptId: string, requestId: string | undefined): Promise<void>
  /** Writes down, once a reason, that a callback was refused, of an attempt that exists. */
  reject(attempt: { id: string; accountId: string }, reason: string, requestId: string): Promise<void>
  /** Keeps the first answer given to the callback. @returns that first answer */
  answerOnce(attemptId: string, answer: CallbackAnswer): Promise<CallbackAnswer>
}

export function attemptStore(statements: Statements, jobs: JobParts): AttemptStore {
  return {
    async create({ id, accountId, nonceHash, browserHash, requestId }) {
      const [times] = await sql.create(statements, jobs, id, { accountId, nonceHash, browserHash, requestId })
      if (!times) throw new Error('The attempt was not written')
      return { id, ...times }
    },
    async take(key, change) {
      const [taken] = await sql.take(statements, jobs, key, change)
      return taken
    },
    async find(nonceHash) {
      const [attempt] = await sql.find(statements, nonceHash)
      return attempt
    },
    async expire(attemptId, requestId) {
      await sql.expire(statements, attemptId, requestId)
    },
    async reject(attempt, reason, requestId) {
      await sql.reject(statements, attempt, reason, requestId)
    },
    async answerOnce(attemptId, answer) {
      const [row] = await sql.answerOnce(statements, attemptId, answer)
      return row?.answer ?? answer
    },
  }
}
