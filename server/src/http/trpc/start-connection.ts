import { StartedConnection } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure } from './procedure.ts'

/** `pms.startConnection`: makes an attempt and ties it to this browser by a cookie. */
export const startConnection = signedInProcedure
  .input(z.void())
  .output(StartedConnection)
  .mutation(async ({ ctx }) => {
    await ctx.limits.start(ctx.account.accountId)
    const { started, binding } = await ctx.useCases.startConnection(ctx.account.accountId, ctx.requestId)
    ctx.setCookie(ctx.bindingCookie(binding))
    return started
  })
