import { StartedConnection } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure } from './procedure.ts'

/** `pms.startConnection`: makes an attempt and ties it to this browser by a cookie. */
export const startConnection = signedInProcedure
  .input(z.void())
  .output(StartedConnection)
  .mutation(async ({ ctx }) => {
    await ctx.edge.limits.start(ctx.account.accountId)
    const { started, binding } = await ctx.edge.useCases.startConnection(ctx.account.accountId, ctx.request.id)
    ctx.request.setCookie(ctx.edge.bindingCookie(binding))
    return started
  })
