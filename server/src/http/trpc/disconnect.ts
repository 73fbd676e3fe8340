import { ConnectionStatus } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure } from './procedure.ts'

/** `pms.disconnect`: takes effect at once. Idempotent. Returns the account's status. */
export const disconnect = signedInProcedure
  .input(z.void())
  .output(ConnectionStatus)
  .mutation(async ({ ctx }) => {
    return ctx.edge.useCases.disconnect(ctx.account.accountId, ctx.request.id)
  })
