import { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure, TRPCError } from './procedure.ts'

/** `pms.connectionStatus`. NOT_FOUND for an attempt that the account does not have. */
export const connectionStatus = signedInProcedure
  .input(z.optional(ConnectionStatusInput))
  .output(ConnectionStatus)
  .query(async ({ ctx, input, signal }) => {
    const { accountId } = ctx.account
    const answer = await ctx.useCases.connectionStatus(accountId, input ?? {}, signal ?? ctx.signal)
    if (!answer) throw new TRPCError({ code: 'NOT_FOUND' })
    if (answer.isNews) await ctx.limits.doNotCount('pms.connectionStatus', accountId)
    return answer.status
  })
