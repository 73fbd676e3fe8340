import { decodeJwt } from 'jose'
import { User } from 'oidc-client-ts'
import type { UserName } from '../../server/sandbox/identity/users.ts'
import { clientId } from '../../server/sandbox/environment.ts'
import type { System } from '../../server/test/harness/system.ts'
import { userKey } from '../src/api/stored-user.ts'

/** What a browser stores once a person has signed in. */
interface SignedIn {
  /** the provider's */
  cookies: { name: string; value: string; url: string }[]
  /** the entry of the tab's sessionStorage, as oidc-client-ts writes it */
  storage: [key: string, value: string]
}

/** Signs a person in over HTTP, with the requests that a browser would send but without rendering any page. */
export async function signedInElsewhere({ identity }: System, name: UserName): Promise<SignedIn> {
  const { accessToken, idToken, refreshToken, cookies } = await identity.signIn(name)
  const user = new User({
    access_token: accessToken,
    id_token: idToken,
    refresh_token: refreshToken,
    token_type: 'Bearer',
    scope: 'openid email profile',
    profile: decodeJwt<User['profile']>(idToken),
    expires_at: decodeJwt(accessToken).exp ?? 0,
  })
  return {
    cookies: [...cookies].map(([cookie, value]) => ({ name: cookie, value, url: identity.issuer })),
    storage: [userKey({ authority: identity.issuer, clientId }), user.toStorageString()],
  }
}
