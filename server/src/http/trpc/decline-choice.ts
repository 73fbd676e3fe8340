import { ConnectionStatus, DeclinedChoice } from '@pms/shared/connection-status'
import { signedInProcedure, TRPCError } from './procedure.ts'

/**
 * `pms.declineChoice`: ends an attempt that waits for a choice; any other stays as it is. Idempotent. Returns the
 * attempt's resulting status. NOT_FOUND when the account has no such attempt.
 */
export const declineChoice = signedInProcedure
  .input(DeclinedChoice)
  .output(ConnectionStatus)
  .mutation(async ({ ctx, input }) => {
    const status = await ctx.edge.useCases.declineChoice(ctx.account.accountId, input, ctx.request.id)
    if (!status) throw new TRPCError({ code: 'NOT_FOUND' })
    return status
  })
