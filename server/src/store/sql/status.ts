/** The status look-up: two rows for each who asks and the database's clock in one statement, which Prisma cannot say. */
import { Prisma, type AttemptStatus, type IntegrationStatus } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { now } from './now.ts'
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

/** Whose status, or of which attempt of theirs. */
export interface StatusQuestion {
  accountId: string
  attemptId: string | undefined
}

/** A question that is older than the connection is of an attempt that the user has left for a newer one. */
const isAsked = Prisma.sql`status = 'CHOOSING' AND deadline > ${now}
  AND (i.status IS DISTINCT FROM 'ACTIVE' OR deadline > i."connectedAt" + make_interval(secs => ${choiceSeconds}))`

const attempt = Prisma.sql`SELECT *, ${attemptOver} AS "workUntil"`
const isTheirs = Prisma.sql`"accountId" = asked."accountId" AND provider = 'SIKKA'`

/**
 * PostgreSQL keeps the plan of this statement for as many questions as there are. Of an array it would guess the length and
 * plan anew at each call, which takes six times as long as the look-up; and each LIMIT leaves it nothing but the index.
 * @returns a row for each question, in their order
 */
export function readStatuses(db: Statements, questions: readonly StatusQuestion[]) {
  return db.$queryRaw<StatusRow[]>`
    SELECT ${now} AS now, i.status AS "integrationStatus", i.metadata, i."lastError", i."connectedAt",
      a.id AS "attemptId", a.status AS "attemptStatus", a."errorCode", a."expiresAt", a."deadline", a."workUntil", a.choices
    FROM ROWS FROM (json_to_recordset(${JSON.stringify(questions)}::json) AS ("accountId" uuid, "attemptId" uuid))
      WITH ORDINALITY AS asked ("accountId", "attemptId", place)
    LEFT JOIN LATERAL (
      SELECT * FROM pms_integrations WHERE ${isTheirs} LIMIT 1
    ) i ON true
    LEFT JOIN LATERAL (
      (${attempt} FROM (SELECT * FROM pms_connection_attempts WHERE id = asked."attemptId" LIMIT 1) asked_for
        WHERE ${isTheirs})
      UNION ALL
      (${attempt} FROM pms_connection_attempts WHERE ${isTheirs} AND asked."attemptId" IS NULL
        AND (${inProgress} AND ${attemptOver} > ${now} OR ${isAsked})
        ORDER BY "claimedAt" DESC LIMIT 1)
    ) a ON true
    ORDER BY asked.place`
}
