import { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure, TRPCError } from './procedure.ts'

/** `pms.connectionStatus`. NOT_FOUND for an attempt that the account does not have. */
export const connectionStatus = signedInProcedure
  .input(z.optional(ConnectionStatusInput))
  .output(ConnectionStatus)
  .query(async ({ ctx, input, signal }) => {
    await ctx.limits.status(ctx.account.accountId)
    const status = await ctx.useCases.connectionStatus(ctx.account.accountId, input ?? {}, signal ?? ctx.signal)
    if (!status) throw new TRPCError({ code: 'NOT_FOUND' })
    return status
  })
