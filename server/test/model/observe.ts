import type { AttemptStatus, AuditEvent, IntegrationStatus } from '@pms/prisma/client'
import type { World } from './world.ts'

export interface AttemptSeen {
  id: string
  accountId: string
  status: AttemptStatus
  errorCode: string | null
  officeId: string | null
  finishedAt: Date | null
  choices: unknown
  /** past the time at which it should have ended */
  isOver: boolean
}

export interface IntegrationSeen {
  id: string
  accountId: string
  status: IntegrationStatus
  officeId: string
  secretArn: string
  secretVersionId: string
  generation: number
  lastError: string | null
  isLeased: boolean
}

export interface EventSeen {
  id: bigint
  event: AuditEvent
  accountId: string
  attemptId: string | null
}

/** What the database says of this run, past the fault proxies. */
export interface Seen {
  attempts: AttemptSeen[]
  integrations: IntegrationSeen[]
  events: EventSeen[]
  /** changes of an attempt by a server that did not hold it */
  trespasses: unknown[]
}

export async function observe({ standIns: { db }, people }: World): Promise<Seen> {
  const accounts = people.map(({ id }) => id)
  // One transaction with one view of it all.
  const [attempts, integrations, events, trespasses] = await db.$transaction(
    [
      db.$queryRaw<AttemptSeen[]>`
        SELECT id, "accountId", status, "errorCode", "officeId", "finishedAt", choices,
          "finishedAt" IS NULL AND COALESCE(
            CASE WHEN status = 'CREATED' THEN "expiresAt" WHEN status = 'CHOOSING' THEN "deadline"
              ELSE "deadline" + interval '10 seconds' END <= now(), false) AS "isOver"
        FROM pms_connection_attempts ORDER BY "createdAt", id`,
      db.$queryRaw<IntegrationSeen[]>`
        SELECT id, "accountId", status, "officeId", metadata->>'secretArn' AS "secretArn", "secretVersionId",
          generation, "lastError", COALESCE("leaseUntil" > now(), false) AS "isLeased"
        FROM pms_integrations ORDER BY "createdAt", id`,
      db.$queryRaw<EventSeen[]>`
        SELECT id, event, "accountId", "attemptId" FROM pms_audit_events
        WHERE "accountId" = ANY(${accounts}::uuid[]) ORDER BY id`,
      db.$queryRaw<unknown[]>`SELECT * FROM model_trespasses`,
    ],
    { isolationLevel: 'RepeatableRead' },
  )
  return { attempts, integrations, events, trespasses }
}

const ended: ReadonlySet<AttemptStatus> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED'])
export const hasEnded = ({ status }: Pick<AttemptSeen, 'status'>): boolean => ended.has(status)

const worked: ReadonlySet<AttemptStatus> = new Set(['CODE_RECEIVED', 'EXCHANGING', 'KEYS_RECEIVED', 'STORING'])
export const isInProgress = ({ status }: Pick<AttemptSeen, 'status'>): boolean => worked.has(status)
