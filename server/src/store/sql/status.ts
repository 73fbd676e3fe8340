/** The status look-up: two rows and the database's clock in one statement, which Prisma cannot say. */
import { Prisma, type AttemptStatus, type IntegrationStatus, type PrismaClient } from '@pms/prisma/client'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { attemptOver, choiceSeconds, inProgress } from './work.ts'

export interface StatusRow {
  now: Date
  integrationStatus: IntegrationStatus | null
  metadata: unknown
  lastError: ConnectionErrorCode | null
  connectedAt: Date | null
  attemptId: string | null
  attemptStatus: AttemptStatus | null
  errorCode: ConnectionErrorCode | null
  expiresAt: Date | null
  /** when the work or the choice should be done */
  deadline: Date | null
  /** when an attempt in progress counts as interrupted */
  workUntil: Date | null
  choices: unknown
}

/** A question that is older than the connection is of an attempt that the user has left for a newer one. */
const isAsked = Prisma.sql`status = 'CHOOSING' AND deadline > now()
  AND (i.status IS DISTINCT FROM 'ACTIVE' OR deadline > i."connectedAt" + make_interval(secs => ${choiceSeconds}))`

export function readStatus(db: Pick<PrismaClient, '$queryRaw'>, accountId: string, attemptId: string | undefined) {
  const chosen =
    attemptId === undefined
      ? Prisma.sql`(${inProgress} AND ${attemptOver} > now() OR ${isAsked})`
      : Prisma.sql`id = ${attemptId}::uuid`
  return db.$queryRaw<StatusRow[]>`
    SELECT now() AS now, i.status AS "integrationStatus", i.metadata, i."lastError", i."connectedAt",
      a.id AS "attemptId", a.status AS "attemptStatus", a."errorCode", a."expiresAt", a."deadline", a."workUntil", a.choices
    FROM (VALUES (${accountId}::uuid)) AS asked ("accountId")
    LEFT JOIN pms_integrations i ON i."accountId" = asked."accountId" AND i.provider = 'SIKKA'
    LEFT JOIN LATERAL (
      SELECT *, ${attemptOver} AS "workUntil" FROM pms_connection_attempts
      WHERE "accountId" = asked."accountId" AND provider = 'SIKKA' AND ${chosen}
      ORDER BY "claimedAt" DESC LIMIT 1
    ) a ON true`
}
