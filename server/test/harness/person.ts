import { createTRPCClient, httpLink } from '@trpc/client'
import type { AppRouter } from '../../src/http/trpc/router.ts'
import { cookieBrowser, type CookieBrowser } from './browser.ts'

/** A signed-in person: typed procedures through a browser of their own. */
export function personOf(origin: string, accessToken: string, browser: CookieBrowser = cookieBrowser()) {
  const client = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${origin}/trpc`,
        headers: { authorization: `Bearer ${accessToken}` },
        fetch: (input, init) => browser.fetch(input as URL, init as RequestInit),
      }),
    ],
  })
  return { client, browser, accessToken }
}

export type Person = ReturnType<typeof personOf>
