/** The practices a user may choose from, and the choice. */
import * as z from 'zod'
import {
  choiceSeconds,
  isHeldBy,
  newLease,
  now,
  watchAfter,
  watchJob,
  workSeconds,
  type AttemptId,
  type Held,
} from './attempt-sql.ts'
import type { Statements, Store } from './store.ts'

/** A connected practice that another one would replace. */
export interface Replaced {
  officeId: string
  practiceName: string
}

const StoredChoices = z.object({
  replaces: z.object({ officeId: z.string(), practiceName: z.string() }).optional(),
  offered: z.array(
    z.object({
      id: z.string(),
      officeId: z.string(),
      practiceName: z.string(),
      pmsType: z.string(),
      // Distinguishes offices of one name (P15). Missing in choices stored by an older server.
      city: z.string().optional(),
      state: z.string().optional(),
      places: z.number().optional(),
    }),
  ),
})

/** The choices offered to the user, with what only the server knows. */
export interface Choices {
  /** the connected practice that a choice may replace */
  replaces: Replaced | undefined
  offered: z.infer<typeof StoredChoices>['offered']
}

export function readChoices(stored: unknown): Choices | undefined {
  if (stored === null || stored === undefined) return undefined
  const choices = StoredChoices.parse(stored)
  return { replaces: choices.replaces, offered: choices.offered }
}

/**
 * No worker holds the attempt until the user chooses. Safe to repeat, as is `recordKeys`.
 * @param keptAt ARN of the secret that keeps the keys meanwhile
 * @returns false when this worker no longer holds the attempt
 */
export async function offerChoices(
  { db, jobs }: Store,
  attempt: Held,
  choices: Choices,
  keptAt: string,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const changed = await tx.$executeRaw`
      UPDATE pms_connection_attempts
      SET status = 'CHOOSING', choices = ${JSON.stringify(choices)}::jsonb, "grantArn" = ${keptAt}, "leaseUntil" = NULL,
        "deadline" = ${now} + make_interval(secs => ${choiceSeconds})
      WHERE ${isHeldBy(attempt)} AND status IN ('KEYS_RECEIVED', 'CHOOSING')`
    if (changed !== 1) return false
    await jobs.send(tx, watchJob(attempt), { after: choiceSeconds })
    return true
  })
}

/** ARN of the secret that keeps an attempt's keys, if any. */
export async function grantArn({ db }: Statements, id: string): Promise<string | undefined> {
  const row = await db.pmsConnectionAttempt.findUnique({ where: { id }, select: { grantArn: true } })
  return row?.grantArn ?? undefined
}

/** The choices of this account's attempt, while it waits for one. */
export async function offered({ db }: Statements, { id, accountId }: AttemptId): Promise<Choices | undefined> {
  const row = await db.pmsConnectionAttempt.findFirst({
    where: { id, accountId, status: 'CHOOSING' },
    select: { choices: true },
  })
  return readChoices(row?.choices)
}

/** @returns the attempt, now held by the caller; undefined when there is no choice left to make */
export async function choose(
  { db, jobs }: Store,
  { id, accountId }: AttemptId,
  officeId: string,
  requestId: string,
): Promise<Held | undefined> {
  return db.$transaction(async (tx) => {
    const [taken] = await tx.$queryRaw<{ leaseToken: number }[]>`
      UPDATE pms_connection_attempts
      SET status = 'KEYS_RECEIVED', "officeId" = ${officeId}, "leaseToken" = "leaseToken" + 1, "leaseUntil" = ${newLease},
        "deadline" = ${now} + make_interval(secs => ${workSeconds})
      WHERE id = ${id}::uuid AND "accountId" = ${accountId}::uuid AND status = 'CHOOSING' AND "deadline" > ${now}
      RETURNING "leaseToken"`
    if (!taken) return undefined
    await tx.pmsAuditEvent.create({ data: { event: 'CHOSEN', accountId, attemptId: id, requestId } })
    await jobs.send(tx, watchJob({ id, accountId }), { after: watchAfter })
    return { id, accountId, leaseToken: taken.leaseToken }
  })
}

const Metadata = z.object({ practiceName: z.string() })

/** @returns the connected practice of the account that this office would replace */
export async function wouldReplace(
  { db }: Statements,
  accountId: string,
  officeId: string,
): Promise<Replaced | undefined> {
  const own = await db.pmsIntegration.findFirst({
    where: { accountId, provider: 'SIKKA', status: { not: 'INACTIVE' } },
    select: { officeId: true, metadata: true },
  })
  if (!own || own.officeId === officeId) return undefined
  return { officeId: own.officeId, practiceName: Metadata.parse(own.metadata).practiceName }
}
