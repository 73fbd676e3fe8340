/** Which practice an account has connected, and where its keys are stored. */
import { randomUUID } from 'node:crypto'
import { Prisma, type IntegrationStatus } from '@pms/prisma/client'
import * as z from 'zod'
import { inProgress, isHeldBy, now, type Held } from './attempt-sql.ts'
import { end } from './ended-attempts.ts'
import { planRefresh, refreshDue, secondsUntilDue } from './refresh-plan.ts'
import type { Db, Statements, Store } from './store.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** Where keys are stored. */
export interface KeysInUse {
  secretArn: string
  secretVersionId: string
}

/** A connected practice, without its keys. */
export interface ConnectedPractice extends KeysInUse {
  officeId: string
  practiceName: string
  pmsType: string
  /** whether the secret already matches this row, so that no job has to settle it */
  isSettled: boolean
  /** by the database's clock */
  tokenExpiresAt: Date
}

/**
 * Completes the attempt and connects its practice to the account, atomically. Idempotent.
 * @returns `taken` when the office is another account's, `lost` when this worker no longer holds the attempt
 */
export async function activate(
  { db, jobs }: Store,
  attempt: Held,
  practice: ConnectedPractice,
  requestId: string | undefined,
): Promise<'active' | 'taken' | 'lost'> {
  const { id: attemptId, accountId } = attempt
  try {
    const isActive = await db.$transaction(async (tx) => {
      const active = await completeAndActivate(tx, attempt, practice, requestId)
      if (!active) return false
      await planRefresh(tx, jobs, active)
      if (!practice.isSettled) await jobs.send(tx, { name: 'settle-secret', data: { accountId } }, { after: 2 })
      // The keys are in the secret now: release those kept for the choice, even if this server dies here.
      if (active.chose) await jobs.send(tx, { name: 'release-grant', data: { attemptId, accountId } }, { after: 2 })
      const { formerStatus, formerVersion, formerMetadata } = active
      // After a disconnect too: its keys may not have been revoked before this consent (F101).
      if (formerVersion !== null && (formerStatus === 'INACTIVE' || active.formerOffice !== practice.officeId)) {
        const { secretArn } = Metadata.parse(formerMetadata)
        await jobs.send(
          tx,
          { name: 'revoke-version', data: { accountId, versionId: formerVersion, secretArn } },
          { after: 2 },
        )
      }
      return true
    })
    return isActive || (await isCompleted(db, attemptId)) ? 'active' : 'lost'
  } catch (error) {
    if (isUniqueViolation(error)) return 'taken'
    throw error
  }
}

interface Activated {
  id: string
  /** seconds until its keys are due for refresh */
  refreshIn: number
  /** whether the user had to choose */
  chose: boolean
  formerStatus: IntegrationStatus | null
  formerOffice: string | null
  formerVersion: string | null
  formerMetadata: unknown
}

/**
 * One statement, so that a server that dies or hangs before it holds no lock that others wait for. A refresh of the
 * row's former keys loses its lease: the newer consent wins (F99). Sets the callback's answer, unless it has one
 * (`answerOnce`).
 * @returns undefined when the worker no longer holds the attempt
 */
async function completeAndActivate(
  tx: Db,
  attempt: Held,
  { officeId, practiceName, pmsType, secretArn, secretVersionId, tokenExpiresAt }: ConnectedPractice,
  requestId: string | undefined,
): Promise<Activated | undefined> {
  const { id: attemptId, accountId } = attempt
  const metadata = JSON.stringify({ secretArn, practiceName, pmsType })
  const expiry = Prisma.sql`${tokenExpiresAt}::timestamptz`
  const [activated] = await tx.$queryRaw<Activated[]>`
    WITH completed AS (
      UPDATE pms_connection_attempts
      SET status = 'COMPLETED', "finishedAt" = ${now}, "leaseUntil" = NULL, answer = COALESCE(answer, 'CONNECTING')
      WHERE ${isHeldBy(attempt)} AND status = 'STORING'
      RETURNING choices IS NOT NULL AS chose
    ), former AS (
      SELECT i.status, i."officeId", i."secretVersionId", i.metadata FROM completed, pms_integrations i
      WHERE i."accountId" = ${accountId}::uuid AND i.provider = 'SIKKA' FOR UPDATE OF i
    ), active AS (
      INSERT INTO pms_integrations AS i (id, "accountId", provider, status, "officeId", metadata, "secretVersionId",
        "tokenExpiresAt", "refreshDueAt", "connectedAt")
      SELECT ${randomUUID()}::uuid, ${accountId}::uuid, 'SIKKA', 'ACTIVE', ${officeId}, ${metadata}::jsonb,
        ${secretVersionId}, ${expiry}, ${refreshDue(expiry)}, ${now}
      -- Read before it is written.
      FROM completed LEFT JOIN former ON true
      ON CONFLICT ("accountId", provider) DO UPDATE SET status = 'ACTIVE', "officeId" = EXCLUDED."officeId",
        metadata = EXCLUDED.metadata, "secretVersionId" = EXCLUDED."secretVersionId",
        "tokenExpiresAt" = EXCLUDED."tokenExpiresAt", "refreshDueAt" = EXCLUDED."refreshDueAt", "lastError" = NULL,
        "connectedAt" = EXCLUDED."connectedAt", generation = i.generation + 1,
        "leaseToken" = i."leaseToken" + 1, "leaseUntil" = NULL, "keysMissingSince" = NULL
      RETURNING id, ${secondsUntilDue} AS "refreshIn"
    ), audited AS (
      INSERT INTO pms_audit_events (event, "accountId", "attemptId", "requestId")
      SELECT 'CONNECTED', ${accountId}::uuid, ${attemptId}::uuid, ${requestId ?? null} FROM active
    )
    SELECT active.id, "refreshIn", chose, former.status AS "formerStatus", former."officeId" AS "formerOffice",
      former."secretVersionId" AS "formerVersion", former.metadata AS "formerMetadata"
    FROM active, completed LEFT JOIN former ON true`
  return activated
}

/** Only its own worker completes an attempt: it did, but the reply was lost. */
async function isCompleted(db: Db, id: string): Promise<boolean> {
  return (await db.pmsConnectionAttempt.count({ where: { id, status: 'COMPLETED' } })) === 1
}

/** Sets INACTIVE at once, and cancels attempts in progress or awaiting a choice; jobs do the rest. */
export async function disconnect({ db, jobs }: Store, accountId: string, requestId: string): Promise<void> {
  await db.$transaction(async (tx) => {
    const underWay = Prisma.sql`"accountId" = ${accountId}::uuid AND (${inProgress} OR status = 'CHOOSING')`
    const cancelled = await end(tx, underWay, { status: 'CANCELLED', errorCode: 'DISCONNECTED', requestId })
    for (const { id, was, chose } of cancelled) {
      if (chose || was === 'KEYS_RECEIVED')
        await jobs.send(tx, { name: 'release-grant', data: { attemptId: id, accountId } })
    }
    const ended = await deactivate(tx, accountId, requestId)
    // Nothing was ended, so nothing is left to settle: repeated calls send no jobs (T7).
    if (!ended && cancelled.length === 0) return
    // A write in progress may land later.
    const after = cancelled.some(({ was }) => was === 'STORING') ? [0, 60] : [0]
    await jobs.send(tx, { name: 'settle-secret', data: { accountId } }, { after })
  })
}

/** @returns whether it was connected until now */
async function deactivate(tx: Db, accountId: string, requestId: string): Promise<boolean> {
  const deactivated = await tx.$executeRaw`
    WITH disconnected AS (
      UPDATE pms_integrations
      SET status = 'INACTIVE', "lastError" = NULL, "refreshDueAt" = NULL, generation = generation + 1,
        "leaseToken" = "leaseToken" + 1, "leaseUntil" = NULL
      WHERE "accountId" = ${accountId}::uuid AND provider = 'SIKKA' AND status <> 'INACTIVE'
      RETURNING "accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", "requestId")
    SELECT 'DISCONNECTED', "accountId", ${requestId} FROM disconnected`
  return deactivated === 1
}

const Metadata = z.object({ secretArn: z.string() })

/** The state that an account's secret should have, by the database. */
export interface SecretNeed {
  /** where the account's row says its keys are or were, whatever its status */
  secretArn: string | undefined
  /** the version in use, if a practice is connected */
  inUse: KeysInUse | undefined
  /** an attempt is writing to it */
  storing: boolean
}

export async function secretNeed({ db }: Statements, accountId: string): Promise<SecretNeed> {
  // In this order: the second query sees an attempt that ends between the two.
  const storing = await db.pmsConnectionAttempt.count({
    where: { accountId, provider: 'SIKKA', status: 'STORING' },
  })
  const row = await db.pmsIntegration.findFirst({
    where: { accountId, provider: 'SIKKA' },
    select: { status: true, metadata: true, secretVersionId: true },
  })
  if (!row) return { secretArn: undefined, inUse: undefined, storing: storing > 0 }
  const { secretArn } = Metadata.parse(row.metadata)
  const inUse = row.status === 'INACTIVE' ? undefined : { secretArn, secretVersionId: row.secretVersionId }
  return { secretArn, inUse, storing: storing > 0 }
}

/** The `count` most recently stored keys in use, by the index: their planned refresh is the latest. */
export async function lastStored({ db }: Statements, count: number): Promise<KeysInUse[]> {
  const rows = await db.pmsIntegration.findMany({
    where: { provider: 'SIKKA', status: 'ACTIVE', refreshDueAt: { not: null } },
    orderBy: { refreshDueAt: 'desc' },
    take: count,
    select: placed,
  })
  return rows.map(placeOf)
}

/** Where this account's keys in use are stored, and those of every account that has one of these offices. */
export async function keysInUse(
  { db }: Statements,
  { accountId, officeIds }: { accountId: string; officeIds: readonly string[] },
): Promise<KeysInUse[]> {
  const whose = [{ accountId }, { officeId: { in: [...officeIds] } }]
  const where = { provider: 'SIKKA', status: { not: 'INACTIVE' }, OR: whose } as const
  const rows = await db.pmsIntegration.findMany({ where, select: placed })
  return rows.map(placeOf)
}

const placed = { metadata: true, secretVersionId: true } as const

function placeOf({ metadata, secretVersionId }: { metadata: unknown; secretVersionId: string }): KeysInUse {
  return { secretArn: Metadata.parse(metadata).secretArn, secretVersionId }
}

/** Queues a job to settle the account's secret: something may have been left in it. */
export async function requestSettling({ db, jobs }: Store, accountId: string): Promise<void> {
  await db.$transaction(async (tx) => jobs.send(tx, { name: 'settle-secret', data: { accountId } }))
}
