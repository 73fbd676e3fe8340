import { setTimeout as sleep } from 'node:timers/promises'
import { setupLocation, type SetupQuery } from '@pms/shared/setup-redirect'
import { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { callbackPaths } from '../config/environment.ts'
import { Redacted } from '../config/redacted.ts'
import type { AttemptCookies } from './attempt-cookie.ts'
import { isCallback, readCallbackQuery } from './callback-query.ts'
import type { EdgeEnvironment } from './request-context.ts'
import type { UseCases } from './use-cases.ts'

const [callbackPath, olderCallbackPath] = callbackPaths

/** The browser is answered within a second (contract, section 6, step 9), our own database included; milliseconds. */
const answerWithin = 900

/** The OAuth callback: the only route that a browser reaches from Sikka. Answers 303 to the page, always. */
export function callbackRoutes(parts: {
  receiveCallback: UseCases['receiveCallback']
  /** Keeps the server up until the callback is dealt with, also when it was answered before. */
  track: (work: Promise<unknown>) => void
  cookies: AttemptCookies
  appBaseUrl: string
}) {
  const routes = new Hono<EdgeEnvironment>()

  routes.all(callbackPath, (c) => receive(c.req.raw, c.var, (name) => getCookie(c, name)))
  routes.all(olderCallbackPath, async (c, next) => {
    if (!isCallback(new URL(c.req.url).searchParams)) return next()
    return receive(c.req.raw, c.var, (name) => getCookie(c, name))
  })

  function receive(...[request, variables, cookie]: Parameters<typeof answer>): Response | Promise<Response> {
    if (request.method === 'GET') return answer(request, variables, cookie)
    // A look at the address (HEAD) or a stray method must not spend the code.
    if (request.method === 'HEAD') return new Response(null, { status: 204 })
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
  }

  async function answer(
    request: Request,
    { requestId, log }: EdgeEnvironment['Variables'],
    cookie: (name: string) => string | undefined,
  ): Promise<Response> {
    // Browsers and mail scanners fetch ahead; that is not the practice coming back.
    if (isPrefetch(request.headers)) return new Response(null, { status: 204 })
    const query = readCallbackQuery(new URL(request.url).searchParams)
    if (query === 'malformed') return redirect({ kind: 'refused', code: 'invalid_request' })
    if (query === 'denied') return redirect({ kind: 'refused', code: 'access_denied' })
    const browserToken = (shortId: string) => {
      const value = cookie(parts.cookies.nameOf(shortId))
      return value === undefined ? undefined : new Redacted(value)
    }
    const received = parts.receiveCallback(query, browserToken, requestId).catch((error: unknown) => {
      log.error({ err: error }, 'callback not answered as it should be')
      return { kind: 'refused', code: 'temporarily_unavailable' } as const
    })
    parts.track(received)
    const tooLate = sleep(answerWithin, { kind: 'refused', code: 'temporarily_unavailable' } as const, { ref: false })
    const outcome = await Promise.race([received, tooLate])
    if (outcome.kind === 'refused') log.warn({ reason: outcome.code }, 'callback refused')
    return redirect(outcome)
  }

  function redirect(query: SetupQuery): Response {
    return new Response(null, {
      status: 303,
      headers: {
        location: setupLocation(parts.appBaseUrl, query),
        'cache-control': 'no-store',
        'content-length': '0',
        'referrer-policy': 'no-referrer',
      },
    })
  }

  return routes
}

function isPrefetch(headers: Headers): boolean {
  return ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].some((name) =>
    /prefetch|preview/i.test(headers.get(name) ?? ''),
  )
}
