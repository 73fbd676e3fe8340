import type { Identity } from './verify-token.ts'

/** The account of a signed-in request. */
export interface SignedInAccount {
  accountId: string
  email: string | undefined
}

/** From the `Authorization` header to the account, which is made at the first call. No other input names an account. */
export function accountOfRequest(parts: {
  verify: (authorization: string | undefined) => Promise<Identity>
  accounts: { idOf(identity: { issuer: string; subject: string }): Promise<string> }
}) {
  return async (authorization: string | undefined): Promise<SignedInAccount> => {
    const { issuer, subject, email } = await parts.verify(authorization)
    return { accountId: await parts.accounts.idOf({ issuer, subject }), email }
  }
}
