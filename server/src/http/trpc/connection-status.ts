import { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { connectionStatusOf } from '../../connection/connection-status.ts'
import { statusTold } from '../answer-status.ts'
import { signedInProcedure } from './procedure.ts'

/** `pms.connectionStatus`. NOT_FOUND for an attempt that the account does not have. */
export const connectionStatus = signedInProcedure
  .input(z.optional(ConnectionStatusInput))
  .output(ConnectionStatus)
  .query(async ({ ctx, input }) => {
    const { accountId } = ctx.account
    const told = await ctx.edge.useCases.connectionStatus(accountId, input ?? {}, ctx.request.signal)
    return connectionStatusOf(statusTold(ctx.edge.limits, accountId, told))
  })
