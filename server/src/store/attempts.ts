import { randomUUID } from 'node:crypto'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { CallbackAnswer, PrismaClient } from '@pms/prisma/client'
import * as sql from './sql/attempts.ts'
import type { AttemptKey, AttemptRow, Return } from './sql/attempts.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** The attempt's row: the only truth about what may happen next. Every change is one short transaction. */
export interface AttemptStore {
  create(attempt: AttemptKey & { requestId: string }): Promise<{ id: string; createdAt: Date; expiresAt: Date }>
  /**
   * Takes the attempt for the browser that brings its state back, once: of many at a time one gets it.
   * @returns undefined when it is unknown, another browser's, over, or taken already
   */
  take(key: AttemptKey & { requestId: string }, change: Return): Promise<{ id: string; claimedAt: Date } | undefined>
  find(nonceHash: Uint8Array<ArrayBuffer>): Promise<AttemptRow | undefined>
  /** Marks an attempt that came back too late. */
  expire(attemptId: string, requestId: string): Promise<void>
  /** Writes down, once a reason, that a callback was refused, of an attempt that exists. */
  reject(attempt: { id: string; accountId: string }, reason: string, requestId: string): Promise<void>
  /** The keys have been received. @returns false when the attempt is no longer this worker's */
  recordKeys(attemptId: string): Promise<boolean>
  /**
   * Reserves the office for this attempt while its secret is written: one attempt of an account and
   * one of an office at a time, and no office that is another account's.
   */
  reserveOffice(attempt: { id: string; accountId: string }, officeId: string): Promise<Reservation>
  /** @returns false when it was over before */
  fail(attemptId: string, errorCode: ConnectionErrorCode, requestId: string): Promise<boolean>
  /** Keeps the first answer given to the callback. @returns that first answer */
  answerOnce(attemptId: string, answer: CallbackAnswer): Promise<CallbackAnswer>
}

/**
 * `busy`: another attempt is storing for this account or office right now; ask again soon.
 * `taken`: the office is another account's. `replaces`: this account has another office.
 * `lost`: the attempt is no longer this worker's.
 */
type Reservation = 'reserved' | 'busy' | 'taken' | 'replaces' | 'lost'

class ReservationRefused extends Error {
  readonly reservation: Reservation

  constructor(reservation: Reservation) {
    super(reservation)
    this.reservation = reservation
  }
}

export function attemptStore(db: PrismaClient): AttemptStore {
  return {
    async create({ accountId, nonceHash, browserHash, requestId }) {
      const id = randomUUID()
      const [attempt] = await db.$transaction([
        db.pmsConnectionAttempt.create({
          data: { id, accountId, provider: 'SIKKA', nonceHash, browserHash },
          select: { id: true, createdAt: true, expiresAt: true },
        }),
        db.pmsAuditEvent.create({ data: { event: 'STARTED', accountId, attemptId: id, requestId } }),
      ])
      return attempt
    },
    async take(key, change) {
      const [taken] = await sql.take(db, key, change)
      return taken
    },
    async find(nonceHash) {
      const [attempt] = await sql.find(db, nonceHash)
      return attempt
    },
    async expire(attemptId, requestId) {
      await sql.expire(db, attemptId, requestId)
    },
    async reject(attempt, reason, requestId) {
      await sql.reject(db, attempt, reason, requestId)
    },
    async recordKeys(attemptId) {
      return (await sql.recordKeys(db, attemptId)) === 1
    },
    async reserveOffice(attempt, officeId) {
      try {
        await db.$transaction(async (tx) => {
          await sql.failInterruptedStoring(tx, attempt.accountId, officeId)
          if ((await sql.startStoring(tx, attempt.id, officeId)) !== 1) throw new ReservationRefused('lost')
          // Read after the reservation: whoever held this office before has committed by now.
          const others = await tx.pmsIntegration.findMany({
            where: { provider: 'SIKKA', status: 'ACTIVE', OR: [{ officeId }, { accountId: attempt.accountId }] },
            select: { accountId: true, officeId: true },
          })
          if (others.some((other) => other.accountId !== attempt.accountId)) throw new ReservationRefused('taken')
          if (others.some((other) => other.officeId !== officeId)) throw new ReservationRefused('replaces')
        })
        return 'reserved'
      } catch (error) {
        if (error instanceof ReservationRefused) return error.reservation
        if (isUniqueViolation(error)) return 'busy'
        throw error
      }
    },
    async fail(attemptId, errorCode, requestId) {
      return (await sql.fail(db, attemptId, errorCode, requestId)) === 1
    },
    async answerOnce(attemptId, answer) {
      const [row] = await sql.answerOnce(db, attemptId, answer)
      return row?.answer ?? answer
    },
  }
}
