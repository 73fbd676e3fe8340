import { text } from 'node:stream/consumers'
import type { Provider } from 'oidc-provider'
import { messagePage, pageHeaders, signInPage } from './pages.ts'
import { signInPath } from './provider.ts'
import { isUserName, users } from './users.ts'

/** The page that the provider sends a browser to when it does not know who sits there, and its answer. */
export function useSignInPage(provider: Provider): void {
  provider.use(async (context, next) => {
    if (!context.path.startsWith(`${signInPath}/`)) return next()
    context.set(pageHeaders)
    try {
      await provider.interactionDetails(context.req, context.res)
    } catch {
      context.status = 400
      context.body = messagePage('This page is out of date', 'Go back to the application and sign in again.')
      return
    }
    if (context.method === 'POST') {
      const user = new URLSearchParams(await text(context.req)).get('user')
      if (isUserName(user)) {
        const result = { login: { accountId: users[user].subject } }
        const returnTo = await provider.interactionResult(context.req, context.res, result)
        context.status = 303
        context.redirect(returnTo)
        return
      }
    }
    context.body = signInPage(context.path)
  })
}
