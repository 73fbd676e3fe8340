/**
 * What the sweep finds, and the jobs for it: ids first, then a statement for so many of them, which sends all their jobs
 * at once. Sent one by one, a thousand jobs would take longer than a transaction may (S14).
 */
import { Prisma } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import type { JobParts } from '../job-queue.ts'
import { refreshDue, secondsUntilDue } from './integrations.ts'
import { now } from './now.ts'
import { inProgress, leaseEnd } from './work.ts'

/** The most that one sweep takes of a kind; the next one goes on. */
const most = 1_000

type Found = Promise<{ id: string }[]>

const among = (ids: readonly string[], type: 'uuid' | 'bigint') =>
  Prisma.sql`id IN (SELECT each::${Prisma.raw(type)} FROM json_array_elements_text(${JSON.stringify(ids)}::json) AS each)`

/** Attempts that should have been looked at by now: their jobs are lost, or an older version has sent none. */
export function unwatched(db: Statements): Found {
  return db.$queryRaw`
    SELECT id FROM pms_connection_attempts
    WHERE (${inProgress} AND ${leaseEnd} <= ${now} - interval '5 seconds')
      OR (status = 'CHOOSING' AND "deadline" <= ${now} - interval '5 seconds')
    LIMIT ${most}`
}

export function watchAgain(db: Statements, jobs: JobParts, ids: readonly string[]) {
  const found = Prisma.sql`
    SELECT jsonb_build_object('attemptId', id, 'accountId', "accountId") AS data, 0 AS after
    FROM pms_connection_attempts WHERE ${among(ids, 'uuid')}`
  return db.$executeRaw`WITH sent AS (${jobs.sent('watch-attempt', found)}) SELECT`
}

/**
 * Keys whose refresh is long overdue: their jobs are lost, or wait for the end of an outage. In any order, so that
 * those that fail for good hide no other.
 */
export function overdueRefreshes(db: Statements): Found {
  return db.$queryRaw`
    SELECT id FROM pms_integrations
    WHERE status = 'ACTIVE' AND "refreshDueAt" <= ${now} - interval '1 hour'
    ORDER BY random() LIMIT 100`
}

/** Once an hour for each: its own job may be there and wait. */
export function refreshAgain(db: Statements, jobs: JobParts, ids: readonly string[]) {
  const found = Prisma.sql`
    SELECT jsonb_build_object('integrationId', id) AS data, 0 AS after, id::text AS key
    FROM pms_integrations WHERE ${among(ids, 'uuid')}`
  return db.$executeRaw`WITH sent AS (${jobs.sentOnce('refresh-keys', found)}) SELECT`
}

/** Keys in use whose refresh nobody has planned: a version that knew of no refreshing has connected them (F87). */
export function unplanned(db: Statements): Found {
  return db.$queryRaw`
    SELECT id FROM pms_integrations WHERE status = 'ACTIVE' AND "refreshDueAt" IS NULL LIMIT ${most}`
}

export function planRefreshes(db: Statements, jobs: JobParts, ids: readonly string[]) {
  const planned = Prisma.sql`SELECT jsonb_build_object('integrationId', id) AS data, "refreshIn" AS after FROM planned`
  return db.$executeRaw`
    WITH planned AS (
      UPDATE pms_integrations SET "refreshDueAt" = ${refreshDue(Prisma.sql`"tokenExpiresAt"`)}
      WHERE ${among(ids, 'uuid')} AND status = 'ACTIVE' AND "refreshDueAt" IS NULL
      RETURNING id, ${secondsUntilDue} AS "refreshIn"
    ), sent AS (${jobs.sent('refresh-keys', planned)}) SELECT`
}

/** Keys that deleted rows have left in Secrets Manager. */
export function abandoned(db: Statements): Found {
  return db.$queryRaw`SELECT id::text FROM pms_abandoned_secrets ORDER BY pms_abandoned_secrets.id LIMIT ${most}`
}

export function lookAfterAbandoned(db: Statements, jobs: JobParts, ids: readonly string[]) {
  const data = (...fields: Prisma.Sql[]) => Prisma.sql`jsonb_strip_nulls(jsonb_build_object(${Prisma.join(fields)}))`
  const account = Prisma.sql`'accountId', "accountId"`
  const secrets = Prisma.sql`
    SELECT DISTINCT ${data(account, Prisma.sql`'secretArn', CASE WHEN "attemptId" IS NULL THEN "secretArn" END`)} AS data,
      0 AS after FROM gone`
  const grants = Prisma.sql`
    SELECT ${data(account, Prisma.sql`'attemptId', "attemptId", 'secretArn', "secretArn"`)} AS data, 0 AS after
    FROM gone WHERE "attemptId" IS NOT NULL`
  return db.$executeRaw`
    WITH gone AS (
      DELETE FROM pms_abandoned_secrets WHERE ${among(ids, 'bigint')} RETURNING "accountId", "attemptId", "secretArn"
    ), settled AS (${jobs.sent('settle-secret', secrets)}), released AS (${jobs.sent('release-grant', grants)}) SELECT`
}
