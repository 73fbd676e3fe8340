import { CurrentAccount } from '@pms/shared/account'
import * as z from 'zod/mini'
import { signedInProcedure } from './procedure.ts'

/** `account.current`. */
export const currentAccount = signedInProcedure
  .input(z.void())
  .output(CurrentAccount)
  .query(({ ctx }) => {
    const { accountId, email } = ctx.account
    return email === undefined ? { accountId } : { accountId, email }
  })
