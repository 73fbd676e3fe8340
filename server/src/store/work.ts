import type { AttemptStatus, PrismaClient } from '@pms/prisma/client'
import type { StatementPool } from '@pms/prisma/statements'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import * as z from 'zod'
import type { JobSender } from './job-queue.ts'
import { choiceSeconds } from './sql/work.ts'
import * as sql from './sql/work.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** An attempt in the hands of one worker: the token is counted up when another takes over. */
export interface Held {
  id: string
  accountId: string
  leaseToken: number
}

/** What the user is offered, with what only the server knows of it. */
interface Choices {
  /** office and name of the connected practice that a choice may replace */
  replaces: { officeId: string; practiceName: string } | undefined
  offered: z.infer<typeof StoredChoices>['offered']
}

/**
 * `busy`: another attempt is storing for this account or office right now; ask again soon.
 * `taken`: the office is another account's. `unproven`: it once was, and Sikka has not named it.
 * `lost`: the attempt is no longer this worker's.
 */
type Reservation = { secretArn: string | undefined } | 'busy' | 'taken' | 'unproven' | 'lost' | { replaces: Replaced }

/** A connected practice that another one would replace. */
interface Replaced {
  officeId: string
  practiceName: string
}

/** The work on a claimed attempt. Every change is one short transaction, and only its holder's. */
export interface WorkStore {
  /** @returns false when it is no longer this worker's */
  renewLease(attempt: Held): Promise<boolean>
  /** Lets another server take over at once, by a job. @returns false when it is no longer this worker's */
  handBack(attempt: Held): Promise<boolean>
  /** @returns the attempt, when nobody holds it any more */
  takeOver(attempt: { id: string; accountId: string }): Promise<TakenOver | undefined>
  /** From now on the code may have been sent. @returns false when it is no longer this worker's */
  startExchange(attempt: Held): Promise<boolean>
  /** The keys have been received. @returns the database's time; undefined when it is no longer this worker's */
  recordKeys(attempt: Held): Promise<Date | undefined>
  /**
   * @param grantArn where the keys are kept meanwhile
   * @returns false when it is no longer this worker's
   */
  offerChoices(attempt: Held, choices: Choices, grantArn: string): Promise<boolean>
  /** Where keys are kept for an attempt, if they are. */
  grantArn(attemptId: string): Promise<string | undefined>
  /** What an attempt of this account offers, while it does. */
  offered(attempt: { id: string; accountId: string }): Promise<Choices | undefined>
  /** @returns the attempt, in the hands of whoever made the choice; undefined when there is none to make any more */
  choose(attempt: { id: string; accountId: string }, officeId: string, requestId: string): Promise<Held | undefined>
  /** Ends an attempt whose choice the user says no to, and nothing when there is none to make any more. */
  decline(attempt: { id: string; accountId: string }, requestId: string): Promise<void>
  /** Whether one of these offices is, or ever was, another account's. */
  isAnyOfOthers(accountId: string, officeIds: readonly string[]): Promise<boolean>
  /** The connected practice of the account that this office would replace. */
  wouldReplace(accountId: string, officeId: string): Promise<Replaced | undefined>
  /**
   * Reserves the office for this attempt while its secret is written: one attempt of an account and
   * one of an office at a time, no office that is another account's, and none in place of another but this one.
   * @param isNamed whether Sikka has named the office; if not, it must never have been another account's either
   * @returns when reserved: ARN of the secret that the account has already, whatever its row's status
   */
  reserveOffice(
    attempt: Held,
    officeId: string,
    mayReplace: string | undefined,
    isNamed?: boolean,
  ): Promise<Reservation>
  /** @returns false when it was not this worker's to end */
  fail(attempt: Held, errorCode: ConnectionErrorCode, requestId: string | undefined): Promise<boolean>
  failOverdue(attemptId: string): Promise<void>
  expireChoice(attemptId: string): Promise<void>
  /** How it stands; undefined when there is no such attempt. */
  statusOf(attemptId: string): Promise<AttemptStatus | undefined>
  /** Seconds until something of it may be over; undefined when it has ended. */
  nextLook(attemptId: string): Promise<{ status: AttemptStatus; seconds: number } | undefined>
  watch(attempt: { id: string; accountId: string }, after: number): Promise<void>
  /** Has keys revoked that are kept, in the secret with this ARN, for an attempt which needs them no more. */
  releaseGrant(attempt: { id: string; accountId: string }, secretArn: string | undefined): Promise<void>
}

interface TakenOver extends Held {
  status: AttemptStatus
  officeId: string | undefined
  choices: Choices | undefined
}

const StoredChoices = z.object({
  replaces: z.object({ officeId: z.string(), practiceName: z.string() }).optional(),
  offered: z.array(
    z.object({
      id: z.string(),
      officeId: z.string(),
      practiceName: z.string(),
      pmsType: z.string(),
      // Missing in choices that an older server has stored.
      city: z.string().optional(),
      state: z.string().optional(),
      places: z.number().optional(),
    }),
  ),
})

function readChoices(stored: unknown): Choices | undefined {
  if (stored === null || stored === undefined) return undefined
  const { replaces, offered } = StoredChoices.parse(stored)
  return { replaces, offered }
}

class ReservationRefused extends Error {
  readonly reservation: Reservation

  constructor(reservation: Reservation) {
    super('The office cannot be reserved')
    this.reservation = reservation
  }
}

const Metadata = z.object({ practiceName: z.string(), secretArn: z.string() })

export function workStore(db: PrismaClient, statements: StatementPool, jobs: JobSender): WorkStore {
  const watchJob = ({ id, accountId }: { id: string; accountId: string }) =>
    ({ name: 'watch-attempt', data: { attemptId: id, accountId } }) as const

  /** What an attempt that ended without a connection has left behind. */
  async function ended(
    tx: Parameters<JobSender['send']>[0],
    attempts: { id: string; accountId: string; was: AttemptStatus; chose: boolean }[],
  ): Promise<void> {
    // Once more later: a write that was under way may land after the first.
    const after = [0, 60]
    for (const { id, accountId, was, chose } of attempts) {
      // Keys are kept before they are offered.
      if (chose || was === 'KEYS_RECEIVED')
        await jobs.send(tx, { name: 'release-grant', data: { attemptId: id, accountId } }, { after })
      if (was === 'STORING') await jobs.send(tx, { name: 'settle-secret', data: { accountId } }, { after })
    }
  }

  return {
    renewLease: async (attempt) => (await sql.renewLease(statements, attempt)) === 1,
    async handBack(attempt) {
      return db.$transaction(async (tx) => {
        if ((await sql.endLease(tx, attempt)) !== 1) return false
        await jobs.send(tx, watchJob(attempt))
        return true
      })
    },
    async takeOver({ id, accountId }) {
      const [taken] = await sql.takeOver(statements, id)
      if (!taken) return undefined
      const row = await db.pmsConnectionAttempt.findUnique({ where: { id }, select: { choices: true } })
      return { ...taken, accountId, officeId: taken.officeId ?? undefined, choices: readChoices(row?.choices) }
    },
    startExchange: async (attempt) => (await sql.startExchange(statements, attempt)) === 1,
    recordKeys: async (attempt) => (await sql.recordKeys(statements, attempt))[0]?.now,
    async offerChoices(attempt, choices, grantArn) {
      return db.$transaction(async (tx) => {
        if ((await sql.offerChoices(tx, attempt, choices, grantArn)) !== 1) return false
        await jobs.send(tx, watchJob(attempt), { after: choiceSeconds })
        return true
      })
    },
    async offered({ id, accountId }) {
      const row = await db.pmsConnectionAttempt.findFirst({
        where: { id, accountId, status: 'CHOOSING' },
        select: { choices: true },
      })
      return readChoices(row?.choices)
    },
    async grantArn(id) {
      const row = await db.pmsConnectionAttempt.findUnique({ where: { id }, select: { grantArn: true } })
      return row?.grantArn ?? undefined
    },
    async choose(attempt, officeId, requestId) {
      return db.$transaction(async (tx) => {
        const [taken] = await sql.choose(tx, attempt, officeId)
        if (!taken) return undefined
        const { id, accountId } = attempt
        await tx.pmsAuditEvent.create({ data: { event: 'CHOSEN', accountId, attemptId: id, requestId } })
        await jobs.send(tx, watchJob(attempt), { after: sql.watchAfter })
        return { ...taken, accountId }
      })
    },
    async decline(attempt, requestId) {
      await db.$transaction(async (tx) => ended(tx, await sql.declineChoice(tx, attempt, requestId)))
    },
    isAnyOfOthers: async (accountId, officeIds) =>
      (await sql.foreignOffice(statements, accountId, officeIds)).length > 0,
    async wouldReplace(accountId, officeId) {
      const own = await db.pmsIntegration.findFirst({
        where: { accountId, provider: 'SIKKA', status: { not: 'INACTIVE' } },
        select: { officeId: true, metadata: true },
      })
      if (!own || own.officeId === officeId) return undefined
      return { officeId: own.officeId, practiceName: Metadata.parse(own.metadata).practiceName }
    },
    async reserveOffice(attempt, officeId, mayReplace, isNamed = false) {
      try {
        return await statements.transaction(async (tx) => {
          if ((await sql.startStoring(tx, attempt, officeId)) !== 1) throw new ReservationRefused('lost')
          // Read after the reservation: whoever held this office before has committed by now.
          const others = await sql.holders(tx, attempt.accountId, officeId)
          // Before the own one, in whichever order they come: nobody is asked about a practice that is not to be had.
          if (others.some((other) => other.accountId !== attempt.accountId)) throw new ReservationRefused('taken')
          const isForeign = !isNamed && (await sql.foreignOffice(tx, attempt.accountId, [officeId])).length > 0
          if (isForeign) throw new ReservationRefused('unproven')
          const [own] = others
          if (!own) return { secretArn: undefined }
          const { practiceName, secretArn } = Metadata.parse(own.metadata)
          const isReplaced = own.status !== 'INACTIVE' && own.officeId !== officeId && own.officeId !== mayReplace
          if (isReplaced) throw new ReservationRefused({ replaces: { officeId: own.officeId, practiceName } })
          return { secretArn }
        })
      } catch (error) {
        if (error instanceof ReservationRefused) return error.reservation
        if (isUniqueViolation(error)) return 'busy'
        throw error
      }
    },
    async fail(attempt, errorCode, requestId) {
      return db.$transaction(async (tx) => {
        const failed = await sql.fail(tx, attempt, errorCode, requestId)
        await ended(tx, failed)
        return failed.length === 1
      })
    },
    async failOverdue(attemptId) {
      await db.$transaction(async (tx) => ended(tx, await sql.failOverdue(tx, attemptId)))
    },
    async expireChoice(attemptId) {
      await db.$transaction(async (tx) => ended(tx, await sql.expireChoice(tx, attemptId)))
    },
    async statusOf(id) {
      return (await db.pmsConnectionAttempt.findUnique({ where: { id }, select: { status: true } }))?.status
    },
    async nextLook(attemptId) {
      const [look] = await sql.nextLook(statements, attemptId)
      return look
    },
    async releaseGrant({ id, accountId }, secretArn) {
      const data = { attemptId: id, accountId, ...(secretArn === undefined ? {} : { secretArn }) }
      const job = { name: 'release-grant', data } as const
      await db.$transaction(async (tx) => jobs.send(tx, job))
    },
    async watch(attempt, after) {
      await db.$transaction(async (tx) => jobs.send(tx, watchJob(attempt), { after }))
    },
  }
}
