import { ChosenPractice, ConnectionStatus } from '@pms/shared/connection-status'
import { signedInProcedure, TRPCError } from './procedure.ts'

/** `pms.choosePractice`. NOT_FOUND when the account has no such attempt; CONFLICT when it offers no such choice. */
export const choosePractice = signedInProcedure
  .input(ChosenPractice)
  .output(ConnectionStatus)
  .mutation(async ({ ctx, input }) => {
    const { accountId } = ctx.account
    const status = await ctx.edge.useCases.choosePractice(accountId, input, ctx.request.id)
    if (!status) throw new TRPCError({ code: 'NOT_FOUND' })
    if (status === 'no such choice') throw new TRPCError({ code: 'CONFLICT' })
    return status
  })
