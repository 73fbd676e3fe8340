import { choosePractice } from './choose-practice.ts'
import { connectionStatus } from './connection-status.ts'
import { currentAccount } from './current-account.ts'
import { declineChoice } from './decline-choice.ts'
import { disconnect } from './disconnect.ts'
import { history } from './history.ts'
import { router } from './procedure.ts'
import { startConnection } from './start-connection.ts'

export const appRouter = router({
  pms: router({ startConnection, connectionStatus, choosePractice, declineChoice, disconnect, history }),
  account: router({ current: currentAccount }),
})

/** The typed procedures, for a client: import this type and nothing else of the server. */
export type AppRouter = typeof appRouter
