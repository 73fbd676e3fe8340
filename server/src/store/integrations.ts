import type { PrismaClient } from '@pms/prisma/client'
import * as sql from './sql/attempts.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** What is known of a connected practice; none of it a key. */
interface ConnectedPractice {
  officeId: string
  practiceName: string
  pmsType: string
  secretArn: string
  secretVersionId: string
  tokenExpiresAt: Date
}

export interface IntegrationStore {
  /**
   * Ends the attempt and makes the account's integration ACTIVE, both or neither; once more changes nothing.
   * @returns `taken` when the office is another account's, `lost` when the attempt is no longer this worker's
   */
  activate(
    attempt: { id: string; accountId: string },
    practice: ConnectedPractice,
    requestId: string,
  ): Promise<'active' | 'taken' | 'lost'>
}

export function integrationStore(db: PrismaClient): IntegrationStore {
  return {
    async activate(attempt, practice, requestId) {
      const { officeId, practiceName, pmsType, secretArn, secretVersionId, tokenExpiresAt } = practice
      const { id: attemptId, accountId } = attempt
      try {
        return await db.$transaction(async (tx) => {
          const [completed] = await sql.complete(tx, attemptId)
          if (!completed) return (await isCompleted(tx, attemptId)) ? 'active' : 'lost'
          const row = {
            status: 'ACTIVE' as const,
            officeId,
            metadata: { secretArn, practiceName, pmsType },
            secretVersionId,
            tokenExpiresAt,
            lastError: null,
            connectedAt: completed.finishedAt,
          }
          await tx.pmsIntegration.upsert({
            where: { accountId_provider: { accountId, provider: 'SIKKA' } },
            create: { accountId, provider: 'SIKKA', ...row },
            update: row,
            select: { id: true },
          })
          await tx.pmsAuditEvent.create({ data: { event: 'CONNECTED', accountId, attemptId, requestId } })
          return 'active'
        })
      } catch (error) {
        if (isUniqueViolation(error)) return 'taken'
        throw error
      }
    },
  }
}

/** Only its own worker completes an attempt: it did, and did not hear of it. */
async function isCompleted(db: Pick<PrismaClient, 'pmsConnectionAttempt'>, id: string): Promise<boolean> {
  return (await db.pmsConnectionAttempt.count({ where: { id, status: 'COMPLETED' } })) === 1
}
