import { randomUUID } from 'node:crypto'
import type { Prisma, PrismaClient } from '@pms/prisma/client'
import type { Statements } from '@pms/prisma/statements'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import * as z from 'zod'
import type { JobSender } from './job-queue.ts'
import * as sql from './sql/integrations.ts'
import type { RefreshLease } from './sql/integrations.ts'
import { cancelAll, type Held } from './sql/work.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** What is known of a connected practice; none of it a key. */
interface ConnectedPractice {
  officeId: string
  practiceName: string
  pmsType: string
  secretArn: string
  secretVersionId: string
  /** whether the secret is as this row says it has to be, so that no job has to look at it */
  isSettled: boolean
  /** by the database's clock */
  tokenExpiresAt: Date
}

/** What the database says an account's secret has to be. */
interface SecretNeed {
  /** where the account's row says its keys are or were, whatever its status */
  secretArn: string | undefined
  /** the version in use, where a practice is connected */
  inUse: KeysInUse | undefined
  /** an attempt is writing to it */
  storing: boolean
}

export interface IntegrationStore {
  /**
   * Ends the attempt and makes the account's integration ACTIVE, both or neither; once more changes nothing.
   * @returns `taken` when the office is another account's, `lost` when the attempt is no longer this worker's
   */
  activate(
    attempt: Held & { accountId: string },
    practice: ConnectedPractice,
    requestId: string | undefined,
  ): Promise<'active' | 'taken' | 'lost'>
  /** @returns the keys to refresh; undefined when they are not due, or somebody refreshes them */
  leaseForRefresh(integrationId: string): Promise<RefreshLease | undefined>
  /** Whether its keys wait to be refreshed, by whomever. */
  isRefreshDue(integrationId: string): Promise<boolean>
  /** @returns false when the row was changed or taken over meanwhile: these keys are not in use then */
  saveRefreshed(lease: RefreshLease, keys: { secretVersionId: string; tokenExpiresAt: Date }): Promise<boolean>
  /** Leaves everything as it was. */
  endRefresh(lease: RefreshLease): Promise<void>
  /** @returns false when the row was changed or taken over meanwhile */
  holdsRefresh(lease: RefreshLease): Promise<boolean>
  /** @returns false when the row was changed or taken over meanwhile */
  requireReconnect(lease: RefreshLease, errorCode: ConnectionErrorCode): Promise<boolean>
  /** The keys were not found where the row says. @returns since when, counted for `longestMissing` */
  noteKeysMissing(lease: RefreshLease): Promise<'first' | 'still' | 'too long'>
  /** They were found after all. */
  noteKeysFound(lease: RefreshLease): Promise<void>
  /** INACTIVE at once, and whatever the account had under way is cancelled; the rest is a job's. */
  disconnect(accountId: string, requestId: string): Promise<void>
  secretNeed(accountId: string): Promise<SecretNeed>
  /** The keys in use that were stored last, so many of them. */
  lastStored(count: number): Promise<KeysInUse[]>
  /** where the keys lie that this account uses, and those of every account that has one of these offices */
  keysInUse(of: { accountId: string; officeIds: readonly string[] }): Promise<KeysInUse[]>
  /** Has the account's secret looked at: something of it may have been left behind. */
  requestSettling(accountId: string): Promise<void>
}

interface KeysInUse {
  secretArn: string
  secretVersionId: string
}

const Metadata = z.object({ secretArn: z.string() })

export function integrationStore(db: PrismaClient, statements: Statements, jobs: JobSender): IntegrationStore {
  async function keysInUse(
    where: Prisma.PmsIntegrationWhereInput,
    which: Pick<Prisma.PmsIntegrationFindManyArgs, 'orderBy' | 'take'> = {},
  ): Promise<KeysInUse[]> {
    const rows = await db.pmsIntegration.findMany({
      ...which,
      where: { provider: 'SIKKA', status: { not: 'INACTIVE' }, ...where },
      select: { metadata: true, secretVersionId: true },
    })
    return rows.map(({ metadata, secretVersionId }) => {
      const { secretArn } = Metadata.parse(metadata)
      return { secretArn, secretVersionId }
    })
  }

  return {
    async activate(attempt, practice, requestId) {
      const { officeId, practiceName, pmsType, secretArn, secretVersionId, isSettled, tokenExpiresAt } = practice
      const metadata = { secretArn, practiceName, pmsType }
      try {
        const row = { officeId, metadata, secretVersionId, isSettled, tokenExpiresAt }
        const [active] = await sql.activate(statements, jobs, randomUUID(), { ...attempt, requestId }, row)
        return active || (await isCompleted(db, attempt.id)) ? 'active' : 'lost'
      } catch (error) {
        if (isUniqueViolation(error)) return 'taken'
        throw error
      }
    },
    async leaseForRefresh(integrationId) {
      const [lease] = await sql.leaseForRefresh(statements, integrationId)
      return lease
    },
    isRefreshDue: async (integrationId) => (await sql.isDue(statements, integrationId)).length === 1,
    async saveRefreshed(lease, keys) {
      const [saved] = await sql.saveRefreshed(statements, jobs, lease, keys)
      return Boolean(saved) || (await sql.isInUse(statements, lease.id, keys.secretVersionId)).length === 1
    },
    async endRefresh(lease) {
      await sql.endRefresh(statements, lease)
    },
    holdsRefresh: async (lease) => (await sql.holdsRefresh(statements, lease)).length === 1,
    async requireReconnect(lease, errorCode) {
      return (await sql.requireReconnect(statements, lease, errorCode)) === 1
    },
    async noteKeysMissing(lease) {
      const [missing] = await sql.noteKeysMissing(statements, lease)
      // Whoever changed the keys meanwhile has better ones.
      if (!missing) return 'still'
      return missing.isFirst ? 'first' : missing.isTooLong ? 'too long' : 'still'
    },
    async noteKeysFound(lease) {
      await sql.noteKeysFound(statements, lease)
    },
    async disconnect(accountId, requestId) {
      await db.$transaction(async (tx) => {
        const cancelled = await cancelAll(tx, accountId, requestId)
        for (const { id, was, chose } of cancelled) {
          if (chose || was === 'KEYS_RECEIVED')
            await jobs.send(tx, { name: 'release-grant', data: { attemptId: id, accountId } })
        }
        const ended = await sql.deactivate(tx, accountId, requestId)
        // Where nothing was ended, nothing is left to settle: whoever presses it often sends no jobs (T7).
        if (ended === 0 && cancelled.length === 0) return
        // A write that was under way may land later.
        const after = cancelled.some(({ was }) => was === 'STORING') ? [0, 60] : [0]
        await jobs.send(tx, { name: 'settle-secret', data: { accountId } }, { after })
      })
    },
    async secretNeed(accountId) {
      // In this order: an attempt that ends between the two is seen by the second.
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
    },
    // By the index: refreshes planned for the latest time are of keys that were stored last.
    lastStored: async (count) =>
      keysInUse({ status: 'ACTIVE', refreshDueAt: { not: null } }, { orderBy: { refreshDueAt: 'desc' }, take: count }),
    keysInUse: ({ accountId, officeIds }) => keysInUse({ OR: [{ accountId }, { officeId: { in: [...officeIds] } }] }),
    async requestSettling(accountId) {
      await db.$transaction(async (tx) => jobs.send(tx, { name: 'settle-secret', data: { accountId } }))
    },
  }
}

/** Only its own worker completes an attempt: it did, and did not hear of it. */
async function isCompleted(db: Pick<PrismaClient, 'pmsConnectionAttempt'>, id: string): Promise<boolean> {
  return (await db.pmsConnectionAttempt.count({ where: { id, status: 'COMPLETED' } })) === 1
}
