/**
 * What Prisma cannot say of integrations: times by the database's clock, and changes that only who holds the
 * row, or knows its present generation, can make.
 */
import { Prisma } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { JobParts } from '../job-queue.ts'
import { now } from './now.ts'
import { completion, type Held } from './work.ts'

/** Longest time a refresh may hold its row, seconds: all its calls and their waits are shorter together. */
const refreshLeaseSeconds = 90

/** Keys are never refreshed sooner than this, seconds, so that a short life is no endless loop. */
const shortestPause = 30

/**
 * When keys that live until then are refreshed: at 75 to 85 % of what is left, anywhere between, so that practices
 * that were connected together are not refreshed together (F102).
 */
export const refreshDue = (expiresAt: Prisma.Sql) =>
  Prisma.sql`${now} + GREATEST(make_interval(secs => ${shortestPause}), (${expiresAt} - ${now}) * (0.75 + 0.1 * random()))`

const time = (value: Date) => Prisma.sql`${value}::timestamptz`

export const secondsUntilDue = Prisma.sql`ceil(EXTRACT(epoch FROM "refreshDueAt" - ${now}))::int`

export interface ActivePractice {
  officeId: string
  metadata: { secretArn: string; practiceName: string; pmsType: string }
  secretVersionId: string
  isSettled: boolean
  /** by the database's clock */
  tokenExpiresAt: Date
}

/** The refresh of keys that are written, and, unless it is settled, the look at their secret; parts of a WITH. */
function followUps(jobs: JobParts, written: Prisma.Sql, isSettled: boolean): Prisma.Sql {
  const refresh = Prisma.sql`
    SELECT jsonb_build_object('integrationId', id) AS data, "refreshIn" AS after FROM ${written}`
  const look = Prisma.sql`SELECT jsonb_build_object('accountId', "accountId") AS data, 2 AS after FROM ${written}`
  const settled = isSettled ? Prisma.empty : Prisma.sql`, settled AS (${jobs.sent('settle-secret', look)})`
  return Prisma.sql`refresh AS (${jobs.sent('refresh-keys', refresh)})${settled}`
}

/**
 * Ends the attempt and makes its practice the account's. What was refreshing the row's former keys has lost it: the
 * newer consent wins (F99).
 * @returns no row when the attempt is no longer this worker's
 */
export function activate(
  db: Statements,
  jobs: JobParts,
  id: string,
  attempt: Held & { accountId: string; requestId: string | undefined },
  practice: ActivePractice,
) {
  const { accountId, requestId } = attempt
  const { officeId, secretVersionId, tokenExpiresAt } = practice
  const metadata = Prisma.sql`${JSON.stringify(practice.metadata)}::jsonb`
  // The keys are in the secret now; those that were kept for the choice go, also when this server dies here.
  const grants = Prisma.sql`
    SELECT jsonb_build_object('attemptId', ${attempt.id}::text, 'accountId', ${accountId}::text) AS data, 2 AS after
    FROM completed WHERE chose`
  // After a disconnect too: this consent may have come before its keys were revoked (F101).
  const replaced = Prisma.sql`
    SELECT jsonb_build_object('accountId', ${accountId}::text, 'versionId', "secretVersionId",
      'secretArn', metadata->>'secretArn') AS data, 2 AS after
    FROM former WHERE status = 'INACTIVE' OR "officeId" <> ${officeId}`
  return db.$queryRaw<unknown[]>`
    WITH completed AS (${completion(attempt)}), former AS (
      SELECT i.status, i."officeId", i."secretVersionId", i.metadata FROM completed, pms_integrations i
      WHERE i."accountId" = ${accountId}::uuid AND i.provider = 'SIKKA' FOR UPDATE OF i
    ), active AS (
      INSERT INTO pms_integrations AS i (id, "accountId", provider, status, "officeId", metadata, "secretVersionId",
        "tokenExpiresAt", "refreshDueAt", "connectedAt")
      SELECT ${id}::uuid, ${accountId}::uuid, 'SIKKA', 'ACTIVE', ${officeId}, ${metadata}, ${secretVersionId},
        ${time(tokenExpiresAt)}, ${refreshDue(time(tokenExpiresAt))}, ${now}
      -- Read before it is written.
      FROM completed LEFT JOIN former ON true
      ON CONFLICT ("accountId", provider) DO UPDATE SET status = 'ACTIVE', "officeId" = EXCLUDED."officeId",
        metadata = EXCLUDED.metadata, "secretVersionId" = EXCLUDED."secretVersionId",
        "tokenExpiresAt" = EXCLUDED."tokenExpiresAt", "refreshDueAt" = EXCLUDED."refreshDueAt", "lastError" = NULL,
        "connectedAt" = EXCLUDED."connectedAt", generation = i.generation + 1,
        "leaseToken" = i."leaseToken" + 1, "leaseUntil" = NULL, "keysMissingSince" = NULL
      RETURNING id, "accountId", ${secondsUntilDue} AS "refreshIn"
    ), audited AS (
      INSERT INTO pms_audit_events (event, "accountId", "attemptId", "requestId")
      SELECT 'CONNECTED', ${accountId}::uuid, ${attempt.id}::uuid, ${requestId ?? null} FROM active
    ), ${followUps(jobs, Prisma.sql`active`, practice.isSettled)},
    released AS (${jobs.sent('release-grant', grants)}), revoked AS (${jobs.sent('revoke-version', replaced)})
    SELECT 1 FROM active`
}

/** Keys that are being refreshed, in the hands of whoever has this token, as long as the generation stays. */
export interface RefreshLease {
  id: string
  accountId: string
  officeId: string
  secretArn: string
  secretVersionId: string
  generation: number
  leaseToken: number
  /** the database's time when it was taken */
  now: Date
  /** whether they were not found the last time */
  keysMissing: boolean
}

/** @returns the row, when its keys are due and nobody else refreshes them */
export function leaseForRefresh(db: Statements, id: string) {
  return db.$queryRaw<RefreshLease[]>`
    UPDATE pms_integrations
    SET "leaseToken" = "leaseToken" + 1, "leaseUntil" = ${now} + make_interval(secs => ${refreshLeaseSeconds})
    WHERE id = ${id}::uuid AND status = 'ACTIVE' AND "refreshDueAt" <= ${now}
      AND ("leaseUntil" IS NULL OR "leaseUntil" <= ${now})
    RETURNING id, "accountId", "officeId", metadata->>'secretArn' AS "secretArn", "secretVersionId",
      generation, "leaseToken", ${now} AS now, "keysMissingSince" IS NOT NULL AS "keysMissing"`
}

/** @returns a row while its keys are due, and so in the hands of somebody else */
export function isDue(db: Statements, id: string) {
  return db.$queryRaw<unknown[]>`
    SELECT 1 FROM pms_integrations WHERE id = ${id}::uuid AND status = 'ACTIVE' AND "refreshDueAt" <= ${now}`
}

const held = (lease: RefreshLease) =>
  Prisma.sql`id = ${lease.id}::uuid AND status = 'ACTIVE' AND generation = ${lease.generation}
    AND "leaseToken" = ${lease.leaseToken}`

/** @returns no row when the lease is lost */
export function saveRefreshed(
  db: Statements,
  jobs: JobParts,
  lease: RefreshLease,
  keys: { secretVersionId: string; tokenExpiresAt: Date },
) {
  return db.$queryRaw<unknown[]>`
    WITH saved AS (
      UPDATE pms_integrations
      SET "secretVersionId" = ${keys.secretVersionId}, "tokenExpiresAt" = ${keys.tokenExpiresAt},
        "refreshDueAt" = ${refreshDue(time(keys.tokenExpiresAt))}, generation = generation + 1, "leaseUntil" = NULL,
        "keysMissingSince" = NULL
      WHERE ${held(lease)}
      RETURNING id, "accountId", ${secondsUntilDue} AS "refreshIn"
    ), audited AS (
      INSERT INTO pms_audit_events (event, "accountId") SELECT 'REFRESHED', "accountId" FROM saved
    ), ${followUps(jobs, Prisma.sql`saved`, false)}
    SELECT 1 FROM saved`
}

/** @returns no row when the lease is lost */
export function holdsRefresh(db: Statements, lease: RefreshLease) {
  return db.$queryRaw<unknown[]>`SELECT 1 FROM pms_integrations WHERE ${held(lease)}`
}

export function endRefresh(db: Statements, lease: RefreshLease) {
  return db.$executeRaw`UPDATE pms_integrations SET "leaseUntil" = NULL WHERE ${held(lease)}`
}

/** Hours for which keys that are not found are looked for again before their user is bothered (S11). */
const longestMissing = 6

/** @returns no row when the lease is lost */
export function noteKeysMissing(db: Statements, lease: RefreshLease) {
  return db.$queryRaw<{ isFirst: boolean; isTooLong: boolean }[]>`
    WITH before AS (SELECT id, "keysMissingSince" AS since FROM pms_integrations WHERE ${held(lease)} FOR UPDATE)
    UPDATE pms_integrations i SET "keysMissingSince" = COALESCE(since, ${now}) FROM before WHERE i.id = before.id
    RETURNING since IS NULL AS "isFirst",
      COALESCE(since <= ${now} - make_interval(hours => ${longestMissing}), false) AS "isTooLong"`
}

export function noteKeysFound(db: Statements, lease: RefreshLease) {
  return db.$executeRaw`UPDATE pms_integrations SET "keysMissingSince" = NULL WHERE ${held(lease)}`
}

/** @returns 1 when it is so now; the one audit event with it */
export function requireReconnect(db: Statements, lease: RefreshLease, errorCode: ConnectionErrorCode) {
  return db.$executeRaw`
    WITH refused AS (
      UPDATE pms_integrations
      SET status = 'ERROR', "lastError" = ${errorCode}, "refreshDueAt" = NULL, generation = generation + 1, "leaseUntil" = NULL
      WHERE ${held(lease)}
      RETURNING "accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", code)
    SELECT 'RECONNECT_REQUIRED', "accountId", ${errorCode} FROM refused`
}

/** @returns 1 when it was connected until now */
export function deactivate(db: Statements, accountId: string, requestId: string) {
  return db.$executeRaw`
    WITH disconnected AS (
      UPDATE pms_integrations
      SET status = 'INACTIVE', "lastError" = NULL, "refreshDueAt" = NULL, generation = generation + 1,
        "leaseToken" = "leaseToken" + 1, "leaseUntil" = NULL
      WHERE "accountId" = ${accountId}::uuid AND provider = 'SIKKA' AND status <> 'INACTIVE'
      RETURNING "accountId"
    )
    INSERT INTO pms_audit_events (event, "accountId", "requestId")
    SELECT 'DISCONNECTED', "accountId", ${requestId} FROM disconnected`
}

/** Whether these very keys are in use: a commit whose answer was lost. */
export function isInUse(db: Statements, id: string, secretVersionId: string) {
  return db.$queryRaw<unknown[]>`
    SELECT 1 FROM pms_integrations WHERE id = ${id}::uuid AND "secretVersionId" = ${secretVersionId} AND status = 'ACTIVE'`
}
