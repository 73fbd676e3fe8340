import { ConnectionStatus } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure } from './procedure.ts'

/** `pms.disconnect`: at once, and once more changes nothing. Answers with the status of the account. */
export const disconnect = signedInProcedure
  .input(z.void())
  .output(ConnectionStatus)
  .mutation(async ({ ctx }) => {
    return ctx.edge.useCases.disconnect(ctx.account.accountId, ctx.request.id)
  })
