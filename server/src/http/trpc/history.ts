import { ConnectionHistory, HistoryInput } from '@pms/shared/connection-history'
import * as z from 'zod/mini'
import { signedInProcedure, TRPCError } from './procedure.ts'

/**
 * `pms.history`: what happened to the account's connection, newest first, a page at a time. BAD_REQUEST for a cursor
 * not issued to this account.
 */
export const history = signedInProcedure
  .input(z.optional(HistoryInput))
  .output(ConnectionHistory)
  .query(async ({ ctx, input }) => {
    const page = await ctx.edge.useCases.history(ctx.account.accountId, input ?? {})
    if (!page) throw new TRPCError({ code: 'BAD_REQUEST' })
    return page
  })
