import type { PrismaClient } from '@pms/prisma/client'
import { askTogether } from './ask-together.ts'
import { readStatuses, type StatusQuestion, type StatusRow } from './sql/status.ts'

export interface StatusStore {
  /**
   * One look-up: the account's integration with the asked-for attempt, or, without one, with the newest
   * attempt in progress.
   */
  read(accountId: string, attemptId: string | undefined): Promise<StatusRow>
}

export function statusStore(db: PrismaClient): StatusStore {
  const read = askTogether((questions: StatusQuestion[]) => readStatuses(db, questions))
  return { read: (accountId, attemptId) => read({ accountId, attemptId }) }
}
