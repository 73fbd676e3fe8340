import { StartedConnection } from '@pms/shared/connection-status'
import * as z from 'zod/mini'
import { signedInProcedure } from './procedure.ts'

/**
 * `pms.startConnection`: creates an attempt and ties it to this browser by a cookie. Only a start that created an
 * attempt counts towards the limit: there is no input, so any failure is our or a provider's fault (T13).
 */
export const startConnection = signedInProcedure
  .input(z.void())
  .output(StartedConnection)
  .mutation(async ({ ctx }) => {
    const { accountId } = ctx.account
    const giveBack = await ctx.edge.limits.start(accountId)
    try {
      const { started, binding } = await ctx.edge.useCases.startConnection(accountId, ctx.request.id)
      ctx.request.setCookie(ctx.edge.bindingCookie(binding))
      return started
    } catch (error) {
      await giveBack()
      throw error
    }
  })
