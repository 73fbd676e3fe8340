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

/** The parts of the router that an adapter reads, under tRPC's own names (`AnyRouter`). */
const { _config: config, procedures: all } = appRouter._def

/** For tRPC's functions that write responses and errors. */
export const trpcConfig = config

export interface ProcedureToServe {
  type: 'query' | 'mutation' | 'subscription'
  /** schemas of its input */
  inputs: readonly core.$ZodType[]
}

/** Every procedure by path, such as `pms.connectionStatus`. tRPC stores them so at run time; its types differ. */
export const procedures: ReadonlyMap<string, ProcedureToServe> = new Map(
  Object.entries(all as unknown as Record<string, { _def: ProcedureToServe }>).map(([path, { _def }]) => [path, _def]),
)

/** The typed procedures. A client imports this type and nothing else of the server. */
export type AppRouter = typeof appRouter
