import type { PrismaClient } from '@pms/prisma/client'
import { readStatus, type StatusRow } from './sql/status.ts'

export interface StatusStore {
  /**
   * One look-up: the account's integration with the asked-for attempt, or, without one, with the newest
   * attempt in progress.
   */
  read(accountId: string, attemptId: string | undefined): Promise<StatusRow>
}

export function statusStore(db: PrismaClient): StatusStore {
  return {
    async read(accountId, attemptId) {
      const [row] = await readStatus(db, accountId, attemptId)
      if (!row) throw new Error('The status look-up gave no row')
      return row
    },
  }
}
