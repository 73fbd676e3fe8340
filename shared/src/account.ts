import * as z from 'zod/mini'

/** The answer of `account.current`. */
export const CurrentAccount = z.strictObject({
  accountId: z.uuid(),
  /** only where the access token carries one; Cognito's does not */
  email: z.exactOptional(z.string()),
})
export type CurrentAccount = z.infer<typeof CurrentAccount>
