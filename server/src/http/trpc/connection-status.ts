import { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure, TRPCError } from './procedure.ts'

/**
 * `pms.connectionStatus`. NOT_FOUND when the account has no such attempt. A held call that returns a change does not
 * count towards the limit.
 */
export const connectionStatus = signedInProcedure
  .input(z.optional(ConnectionStatusInput))
  .output(ConnectionStatus)
  .query(async ({ ctx, input, path }) => {
    const { accountId } = ctx.account
    const answer = await ctx.edge.useCases.connectionStatus(accountId, input ?? {}, ctx.request.signal)
    if (!answer) throw new TRPCError({ code: 'NOT_FOUND' })
    if (answer.isNews) ctx.edge.limits.doNotCount(path, accountId)
    return answer.status
  })
