import { setTimeout as sleep } from 'node:timers/promises'
import { setupLocation, type SetupQuery } from '@pms/shared/setup-redirect'
import { Hono, type Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { callbackPaths } from '../config/environment.ts'
import { Redacted } from '../config/redacted.ts'
import { Refusal } from './api-error-code.ts'
import type { AttemptCookies } from './attempt-cookie.ts'
import { isCallback, readCallbackQuery } from './callback-query.ts'
import type { Limits } from './limits.ts'
import { plainly } from './plain-path.ts'
import type { EdgeEnvironment } from './request-context.ts'
import type { UseCases } from './use-cases.ts'

const [callbackPath, olderCallbackPath] = callbackPaths

/**
 * Deadline for answering the browser, milliseconds: within a second, database included (contract, section 6, step 9).
 */
const answerWithin = 900

type Edge = Context<EdgeEnvironment>

interface CallbackParts {
  receiveCallback: UseCases['receiveCallback']
  recognizeReturn: UseCases['recognizeReturn']
  /** Keeps the server running until the callback is processed, even if already answered. */
  track: (work: Promise<unknown>) => void
  limit: Limits['callback']
  /** the client address that a limit counts */
  addressOf: (c: Edge) => string
  cookies: AttemptCookies
  appBaseUrl: string
}

/**
 * The OAuth callback: the only route that a browser reaches from Sikka. A user returns on it, so every GET gets a 303
 * to the page, even past the limit or after a failure (S23).
 */
export function callbackRoutes(parts: CallbackParts) {
  const routes = new Hono<EdgeEnvironment>()

  // Some people register the path with a trailing slash (S17).
  for (const path of [callbackPath, `${callbackPath}/`]) routes.all(path, receive)
  for (const path of [olderCallbackPath, `${olderCallbackPath}/`]) {
    routes.all(path, (c, next) => (isCallback(new URL(c.req.url).search) ? receive(c) : next()))
  }

  function receive(c: Edge): Response | Promise<Response> {
    const { method, headers } = c.req.raw
    // HEAD requests and stray methods must not spend the code. Browsers and mail scanners prefetch; that is not the
    // practice coming back.
    if (method === 'HEAD' || (method === 'GET' && isPrefetch(headers))) return new Response(null, { status: 204 })
    if (method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    return answer(c).catch((error: unknown) => redirectOf(c, parts, error))
  }

  async function answer(c: Edge): Promise<Response> {
    const log = c.get('log')()
    const requestId = c.get('requestId')
    const query = readCallbackQuery(new URL(c.req.url).search)
    const isReadable = typeof query === 'object'
    const browserToken = (shortId: string) => {
      const value = getCookie(c, parts.cookies.nameOf(shortId))
      return value === undefined ? undefined : new Redacted(value)
    }
    const known = isReadable ? parts.recognizeReturn(query, browserToken) : undefined
    parts.limit(known ? { attemptId: known.attemptId } : { address: parts.addressOf(c) })
    if (!isReadable) return refused(c, parts, query === 'denied' ? 'access_denied' : 'invalid_request')

    const unavailable = {
      kind: 'refused',
      code: 'temporarily_unavailable',
      ...(known ? { attemptId: known.attemptId } : {}),
    } as const
    const received = parts.receiveCallback(query, browserToken, requestId).catch((error: unknown) => {
      log.error({ err: error }, 'callback not answered as it should be')
      return unavailable
    })
    parts.track(received)
    // Processing continues, so the browser is told the expected outcome (S20).
    const tooLate = sleep(answerWithin, known?.meanwhile ?? unavailable, { ref: false })
    const outcome = await Promise.race([received, tooLate])
    if (outcome.kind === 'refused') log.warn({ reason: outcome.code }, 'callback refused')
    return redirect(parts, outcome)
  }

  return routes
}

/**
 * A callback at a misspelled path (AT20): claims nothing, and the page tells the user. Register it after all routes
 * except the page's.
 */
export function misspelledCallback(parts: CallbackParts) {
  return new Hono<EdgeEnvironment>().get('/*', (c, next) => {
    const path = plainly(c.req.path).replace(/\/+$/, '')
    if (!callbackPaths.some((known) => known === path) || !isCallback(new URL(c.req.url).search)) return next()
    try {
      parts.limit({ address: parts.addressOf(c) })
      return refused(c, parts, 'invalid_request')
    } catch (error) {
      return redirectOf(c, parts, error)
    }
  })
}

/** Redirects with `too_many_requests` past a limit, else as our own failure. */
function redirectOf(c: Edge, parts: CallbackParts, error: unknown): Response {
  if (!(error instanceof Refusal) || error.code !== 'TOO_MANY_REQUESTS') {
    c.get('log')().error({ err: error }, 'callback not answered as it should be')
    return redirect(parts, { kind: 'refused', code: 'temporarily_unavailable' })
  }
  const response = refused(c, parts, 'too_many_requests')
  if (error.retryAfter !== undefined) response.headers.set('retry-after', String(error.retryAfter))
  return response
}

function refused(c: Edge, parts: CallbackParts, code: Extract<SetupQuery, { kind: 'refused' }>['code']): Response {
  c.get('log')().warn({ reason: code }, 'callback refused')
  return redirect(parts, { kind: 'refused', code })
}

function redirect({ appBaseUrl }: Pick<CallbackParts, 'appBaseUrl'>, query: SetupQuery): Response {
  return new Response(null, {
    status: 303,
    headers: {
      location: setupLocation(appBaseUrl, query),
      'cache-control': 'no-store',
      'content-length': '0',
      'referrer-policy': 'no-referrer',
    },
  })
}

function isPrefetch(headers: Headers): boolean {
  return ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].some((name) =>
    /prefetch|preview/i.test(headers.get(name) ?? ''),
  )
}
