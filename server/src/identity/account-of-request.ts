import type { Identity } from './verify-token.ts'

/** The account of a signed-in request. */
export interface SignedInAccount {
  accountId: string
  email: string | undefined
}

/**
 * From the `Authorization` header to the account, which is made at the first call. No other input names an account.
 * Whose account it is never changes, so it is remembered with the token, until some account is deleted, or may have been.
 */
export function accountOfRequest(parts: {
  verify: (authorization: string | undefined) => Identity | Promise<Identity>
  accounts: { idOf(identity: { issuer: string; subject: string }): Promise<string> }
  notices: { follow(follower: { accountGone: () => void }): void; isListening(): boolean }
}) {
  let known = new WeakMap<Identity, SignedInAccount>()
  parts.notices.follow({
    accountGone: () => {
      known = new WeakMap()
    },
  })

  async function look(identity: Identity): Promise<SignedInAccount> {
    // What is looked up before an account is deleted goes where nobody looks any more.
    const memory = known
    const { issuer, subject, email } = identity
    const account = { accountId: await parts.accounts.idOf({ issuer, subject }), email }
    memory.set(identity, account)
    return account
  }

  const accountOf = (identity: Identity): SignedInAccount | Promise<SignedInAccount> => {
    const account = known.get(identity)
    return account && parts.notices.isListening() ? account : look(identity)
  }

  return (authorization: string | undefined): SignedInAccount | Promise<SignedInAccount> => {
    const identity = parts.verify(authorization)
    return identity instanceof Promise ? identity.then(accountOf) : accountOf(identity)
  }
}
