import { ConnectionHistory, HistoryInput } from '@pms/shared/connection-history'
import * as z from 'zod/mini'
import { signedInProcedure } from './procedure.ts'

/** `pms.history`: what happened to the account's connection, newest first, a page at a time. */
export const history = signedInProcedure
  .input(z.optional(HistoryInput))
  .output(ConnectionHistory)
  .query(async ({ ctx, input }) => {
    return ctx.edge.useCases.history(ctx.account.accountId, input ?? {})
  })
