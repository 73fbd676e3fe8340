import type { Statements } from '@pms/prisma/statements'
import { askTogether } from './ask-together.ts'
import { readStatuses, type StatusQuestion, type StatusRow } from './sql/status.ts'

export interface StatusStore {
  /**
   * One look-up: the account's integration with the asked-for attempt, or, without one, with the newest
   * attempt in progress.
   */
  read(accountId: string, attemptId: string | undefined): Promise<StatusRow>
}

export function statusStore(statements: Statements): StatusStore {
  const read = askTogether((questions: StatusQuestion[]) => readStatuses(statements, questions))
  return { read: (accountId, attemptId) => read({ accountId, attemptId }) }
}
