/** The status look-up: two rows for each who asks and the database's clock in one statement, which Prisma cannot say. */
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

/** Whose status, or of which attempt of theirs. */
export interface StatusQuestion {
  accountId: string
  attemptId: string | undefined
}

/** A question that is older than the connection is of an attempt that the user has left for a newer one. */
const isAsked = Prisma.sql`status = 'CHOOSING' AND deadline > now()
  AND (i.status IS DISTINCT FROM 'ACTIVE' OR deadline > i."connectedAt" + make_interval(secs => ${choiceSeconds}))`

const attempt = Prisma.sql`SELECT *, ${attemptOver} AS "workUntil" FROM pms_connection_attempts
  WHERE "accountId" = asked."accountId" AND provider = 'SIKKA'`

/** @returns a row for each question, in their order */
export function readStatuses(db: Pick<PrismaClient, '$queryRaw'>, questions: readonly StatusQuestion[]) {
  const accountIds = questions.map(({ accountId }) => accountId)
  const attemptIds = questions.map(({ attemptId }) => attemptId ?? '')
  return db.$queryRaw<StatusRow[]>`
    SELECT now() AS now, i.status AS "integrationStatus", i.metadata, i."lastError", i."connectedAt",
      a.id AS "attemptId", a.status AS "attemptStatus", a."errorCode", a."expiresAt", a."deadline", a."workUntil", a.choices
    FROM unnest(${accountIds}::uuid[], ${attemptIds}::text[]) WITH ORDINALITY AS asked ("accountId", "attemptId", place)
    LEFT JOIN pms_integrations i ON i."accountId" = asked."accountId" AND i.provider = 'SIKKA'
    LEFT JOIN LATERAL (
      (${attempt} AND id = NULLIF(asked."attemptId", '')::uuid)
      UNION ALL
      (${attempt} AND asked."attemptId" = '' AND (${inProgress} AND ${attemptOver} > now() OR ${isAsked})
        ORDER BY "claimedAt" DESC LIMIT 1)
    ) a ON true
    ORDER BY asked.place`
}
