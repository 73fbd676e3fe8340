import { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { connectionStatusOf } from '../../connection/connection-status.ts'
import { signedInProcedure, TRPCError } from './procedure.ts'

/** `pms.connectionStatus`. NOT_FOUND for an attempt that the account does not have. */
export const connectionStatus = signedInProcedure
  .input(z.optional(ConnectionStatusInput))
  .output(ConnectionStatus)
  .query(async ({ ctx, input }) => {
    const { accountId } = ctx.account
    const answer = await ctx.edge.useCases.connectionStatus(accountId, input ?? {}, ctx.request.signal)
    if (!answer) throw new TRPCError({ code: 'NOT_FOUND' })
    if (answer.isNews) ctx.edge.limits.doNotCount('pms.connectionStatus', accountId)
    return connectionStatusOf(answer.status)
  })
