import { ConnectionStatus, DeclinedChoice } from '@pms/shared/connection-status'
import { signedInProcedure, TRPCError } from './procedure.ts'

/**
 * `pms.declineChoice`: ends an attempt that waits for a choice, and leaves any other as it is. Once more changes nothing.
 * Answers with the attempt's status, which says what came of it. NOT_FOUND for an attempt that the account does not have.
 */
export const declineChoice = signedInProcedure
  .input(DeclinedChoice)
  .output(ConnectionStatus)
  .mutation(async ({ ctx, input }) => {
    const status = await ctx.edge.useCases.declineChoice(ctx.account.accountId, input, ctx.request.id)
    if (!status) throw new TRPCError({ code: 'NOT_FOUND' })
    return status
  })
