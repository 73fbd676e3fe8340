/** The refresh of a connected practice's keys: by one worker at a time, whose lease ends when the row's keys change. */
import { Prisma } from '@pms/prisma/client'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { now } from './attempt-sql.ts'
import type { KeysInUse } from './integrations.ts'
import { planRefresh, refreshDue, secondsUntilDue } from './refresh-plan.ts'
import type { Statements, Store } from './store.ts'

/** Lease of a refresh, seconds: longer than all its calls and their waits together. */
const refreshLeaseSeconds = 90

/** Keys being refreshed, held by the worker with this token until the generation changes. */
export interface RefreshLease extends KeysInUse {
  id: string
  accountId: string
  officeId: string
  generation: number
  leaseToken: number
  /** the database's time when the lease was taken */
  now: Date
  /** whether the keys were not found the last time */
  keysMissing: boolean
}

/** @returns the keys to refresh; undefined when they are not due, or another worker refreshes them */
export async function leaseForRefresh({ db }: Statements, id: string): Promise<RefreshLease | undefined> {
  const [lease] = await db.$queryRaw<RefreshLease[]>`
    UPDATE pms_integrations
    SET "leaseToken" = "leaseToken" + 1, "leaseUntil" = ${now} + make_interval(secs => ${refreshLeaseSeconds})
    WHERE id = ${id}::uuid AND status = 'ACTIVE' AND "refreshDueAt" <= ${now}
      AND ("leaseUntil" IS NULL OR "leaseUntil" <= ${now})
    RETURNING id, "accountId", "officeId", metadata->>'secretArn' AS "secretArn", "secretVersionId",
      generation, "leaseToken", ${now} AS now, "keysMissingSince" IS NOT NULL AS "keysMissing"`
  return lease
}

/** Whether its keys are due for refresh, leased or not. */
export async function isRefreshDue({ db }: Statements, id: string): Promise<boolean> {
  const due = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM pms_integrations WHERE id = ${id}::uuid AND status = 'ACTIVE' AND "refreshDueAt" <= ${now}`
  return due.length === 1
}

const isLeasedTo = ({ id, generation, leaseToken }: RefreshLease) =>
  Prisma.sql`id = ${id}::uuid AND status = 'ACTIVE' AND generation = ${generation} AND "leaseToken" = ${leaseToken}`

/** @returns false when the row was changed or taken over meanwhile: then these keys are not in use */
export async function saveRefreshed(
  { db, jobs }: Store,
  lease: RefreshLease,
  { secretVersionId, tokenExpiresAt }: { secretVersionId: string; tokenExpiresAt: Date },
): Promise<boolean> {
  const expiry = Prisma.sql`${tokenExpiresAt}::timestamptz`
  const isSaved = await db.$transaction(async (tx) => {
    const [saved] = await tx.$queryRaw<{ id: string; accountId: string; refreshIn: number }[]>`
      WITH saved AS (
        UPDATE pms_integrations
        SET "secretVersionId" = ${secretVersionId}, "tokenExpiresAt" = ${expiry}, "refreshDueAt" = ${refreshDue(expiry)},
          generation = generation + 1, "leaseUntil" = NULL, "keysMissingSince" = NULL
        WHERE ${isLeasedTo(lease)}
        RETURNING id, "accountId", ${secondsUntilDue} AS "refreshIn"
      ), audited AS (
        INSERT INTO pms_audit_events (event, "accountId") SELECT 'REFRESHED', "accountId" FROM saved
      )
      SELECT * FROM saved`
    if (!saved) return false
    await planRefresh(tx, jobs, saved)
    await jobs.send(tx, { name: 'settle-secret', data: { accountId: saved.accountId } }, { after: 2 })
    return true
  })
  if (isSaved) return true
  // Or the commit succeeded and its reply was lost: then these keys are in use.
  return (await db.pmsIntegration.count({ where: { id: lease.id, secretVersionId, status: 'ACTIVE' } })) === 1
}

/** @returns false when the row was changed or taken over meanwhile */
export async function holdsRefresh({ db }: Statements, lease: RefreshLease): Promise<boolean> {
  const held = await db.$queryRaw<unknown[]>`SELECT 1 FROM pms_integrations WHERE ${isLeasedTo(lease)}`
  return held.length === 1
}

/** Ends the lease and changes nothing else. */
export async function endRefresh({ db }: Statements, lease: RefreshLease): Promise<void> {
  await db.$executeRaw`UPDATE pms_integrations SET "leaseUntil" = NULL WHERE ${isLeasedTo(lease)}`
}

/** Hours to keep looking for missing keys before the user has to reconnect (S11). */
const longestMissing = 6

/** Records that the keys were not found where the row says. @returns for how long, by `longestMissing` */
export async function noteKeysMissing(
  { db }: Statements,
  lease: RefreshLease,
): Promise<'first' | 'still' | 'too long'> {
  const [missing] = await db.$queryRaw<{ isFirst: boolean; isTooLong: boolean }[]>`
    WITH before AS (SELECT id, "keysMissingSince" AS since FROM pms_integrations WHERE ${isLeasedTo(lease)} FOR UPDATE)
    UPDATE pms_integrations i SET "keysMissingSince" = COALESCE(since, ${now}) FROM before WHERE i.id = before.id
    RETURNING since IS NULL AS "isFirst",
      COALESCE(since <= ${now} - make_interval(hours => ${longestMissing}), false) AS "isTooLong"`
  // The keys were replaced meanwhile.
  if (!missing) return 'still'
  return missing.isFirst ? 'first' : missing.isTooLong ? 'too long' : 'still'
}

/** Records that the keys were found after all. */
export async function noteKeysFound({ db }: Statements, lease: RefreshLease): Promise<void> {
  await db.$executeRaw`UPDATE pms_integrations SET "keysMissingSince" = NULL WHERE ${isLeasedTo(lease)}`
}

/** Sets ERROR, with one audit event. @returns false when the row was changed or taken over meanwhile */
export async function requireReconnect(
  { db }: Statements,
  lease: RefreshLease,
  errorCode: ConnectionErrorCode,
): Promise<boolean> {
  const refused = await db.$executeRaw`
    WITH refused AS (
      UPDATE pms_integrations
      SET status = 'ERROR', "lastError" = ${errorCode}, "refreshDueAt" = NULL, generation = generation + 1, "leaseUntil" = NULL
      WHERE ${isLeasedTo(lease)}
      RETURNING "accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", code)
    SELECT 'RECONNECT_REQUIRED', "accountId", ${errorCode} FROM refused`
  return refused === 1
}
