import type { core } from 'zod/mini'
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

/** What an adapter reads of the router: tRPC keeps it under these names (`AnyRouter`). */
const { _config: config, procedures: all } = appRouter._def

/** For tRPC's functions that write answers and errors. */
export const trpcConfig = config

export interface ProcedureToServe {
  type: 'query' | 'mutation' | 'subscription'
  /** schemas of its input */
  inputs: readonly core.$ZodType[]
}

/** Every procedure by its path, such as `pms.connectionStatus`. At run time tRPC has them so; its types say otherwise. */
export const procedures: ReadonlyMap<string, ProcedureToServe> = new Map(
  Object.entries(all as unknown as Record<string, { _def: ProcedureToServe }>).map(([path, { _def }]) => [path, _def]),
)

/** The typed procedures, for a client: import this type and nothing else of the server. */
export type AppRouter = typeof appRouter
