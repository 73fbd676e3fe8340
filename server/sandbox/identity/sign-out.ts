import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { messagePage, pageHeaders } from './pages.ts'
import { paths } from './provider.ts'

/**
 * Signs out without asking again, and without a script. The library has checked the request by then (whose
 * it is, where it may return to); it would now show a page with a question. Cognito's `logout_uri` is taken
 * for `post_logout_redirect_uri`.
 */
export function useSignOut(provider: Provider, clientId: string): void {
  provider.use(async (context, next) => {
    if (context.path !== paths.end_session) return next()
    const { logout_uri: cognitos, ...query } = context.query
    if (cognitos !== undefined) context.query = { post_logout_redirect_uri: cognitos, ...query }
    await next()
    if (context.status === 200) await signOut(context as unknown as KoaContextWithOIDC, clientId)
  })
}

async function signOut(context: KoaContextWithOIDC, clientId: string): Promise<void> {
  const { provider, session, params } = context.oidc
  const grantId = session?.grantIdFor(clientId)
  if (grantId !== undefined) {
    const revoked = [provider.AccessToken, provider.RefreshToken, provider.AuthorizationCode]
    await Promise.all(revoked.map((model) => model.revokeByGrantId(grantId)))
    await (await provider.Grant.find(grantId))?.destroy()
  }
  await session?.destroy()
  context.cookies.set(provider.cookieName('session'), null, { overwrite: true, httpOnly: true, sameSite: 'lax' })
  const returnTo = params?.['post_logout_redirect_uri']
  if (typeof returnTo === 'string') {
    const url = new URL(returnTo)
    if (typeof params?.['state'] === 'string') url.searchParams.set('state', params['state'])
    context.status = 303
    context.redirect(url.href)
  } else {
    context.set(pageHeaders)
    context.body = messagePage('Signed out', 'You can close this page.')
  }
}
