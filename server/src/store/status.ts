/** The facts that a status is made of. */
import { Prisma, type AttemptStatus, type IntegrationStatus } from '@pms/prisma/client'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import { askTogether } from './ask-together.ts'
import { attemptOver, choiceSeconds, inProgress, now } from './attempt-sql.ts'
import type { Db } from './store.ts'

/** The two rows that a status is made of, and the database's clock. */
export interface StatusFacts {
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

/** An account, and optionally one of its attempts. */
export interface StatusQuery {
  accountId: string
  attemptId: string | undefined
}

export interface StatusSource {
  /** One query: the account's integration with that attempt or, without one, with the newest attempt in progress. */
  read(accountId: string, attemptId: string | undefined): Promise<StatusFacts>
}

export function statusSource(db: Db): StatusSource {
  const read = askTogether((queries: StatusQuery[]) => readStatuses(db, queries))
  return { read: (accountId, attemptId) => read({ accountId, attemptId }) }
}

/** Ignores a pending choice that predates the current connection. */
const isPendingChoice = Prisma.sql`status = 'CHOOSING' AND deadline > ${now}
  AND (i.status IS DISTINCT FROM 'ACTIVE' OR deadline > i."connectedAt" + make_interval(secs => ${choiceSeconds}))`

const attempt = Prisma.sql`SELECT *, ${attemptOver} AS "workUntil"`
const isTheirs = Prisma.sql`"accountId" = asked."accountId" AND provider = 'SIKKA'`

/**
 * PostgreSQL keeps the plan of this statement for any number of queries. For an array it would guess the length and
 * replan each call, which takes six times as long as the query. Each LIMIT forces use of the index.
 * @returns a row for each query, in their order
 */
export async function readStatuses(db: Db, queries: readonly StatusQuery[]): Promise<StatusFacts[]> {
  return db.$queryRaw<StatusFacts[]>`
    SELECT ${now} AS now, i.status AS "integrationStatus", i.metadata, i."lastError", i."connectedAt",
      a.id AS "attemptId", a.status AS "attemptStatus", a."errorCode", a."expiresAt", a."deadline", a."workUntil", a.choices
    FROM ROWS FROM (json_to_recordset(${JSON.stringify(queries)}::json) AS ("accountId" uuid, "attemptId" uuid))
      WITH ORDINALITY AS asked ("accountId", "attemptId", place)
    LEFT JOIN LATERAL (
      SELECT * FROM pms_integrations WHERE ${isTheirs} LIMIT 1
    ) i ON true
    LEFT JOIN LATERAL (
      (${attempt} FROM (SELECT * FROM pms_connection_attempts WHERE id = asked."attemptId" LIMIT 1) asked_for
        WHERE ${isTheirs})
      UNION ALL
      (${attempt} FROM pms_connection_attempts WHERE ${isTheirs} AND asked."attemptId" IS NULL
        AND (${inProgress} AND ${attemptOver} > ${now} OR ${isPendingChoice})
        ORDER BY "claimedAt" DESC LIMIT 1)
    ) a ON true
    ORDER BY asked.place`
}
