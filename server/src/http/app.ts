import { Hono, type Context } from 'hono'
import type { Logger } from 'pino'
import type { Config } from '../config/environment.ts'
import { toldToPage } from '../config/told-to-page.ts'
import { apiError, apiErrorCode, httpStatus, retryAfterOf } from './api-error-code.ts'
import { attemptCookies } from './attempt-cookie.ts'
import { limitBody } from './body-limit.ts'
import { callbackRoutes, misspelledCallback } from './callback.ts'
import { clientAddress, forwardingWarning } from './client-address.ts'
import { crossOrigin } from './cross-origin.ts'
import { healthRoutes } from './health.ts'
import type { Limits } from './limits.ts'
import type { Metrics } from './metrics.ts'
import { pageRoutes } from './page.ts'
import { plainRoutes } from './plain-routes.ts'
import { isBrokenOff, requestContext, type EdgeEnvironment } from './request-context.ts'
import { securityHeaders } from './security-headers.ts'
import { signInOrigins } from './sign-in-origins.ts'
import { trpcAdapter } from './trpc/adapter.ts'
import type { UseCases } from './use-cases.ts'

/** The edge: all routes (contract, section 4). */
export function createApp(parts: {
  config: Config
  useCases: UseCases
  track: (work: Promise<unknown>) => void
  log: Logger
  pageFolder: string
  /** whether an error means that the database cannot be reached */
  isUnavailable: (error: unknown) => boolean
  metrics: Pick<Metrics, 'requests'>
  limits: Limits
}) {
  const { config, useCases, track, log, pageFolder, isUnavailable, metrics, limits } = parts
  const cookies = attemptCookies({ secure: config.SIKKA_REDIRECT_URI.startsWith('https:') })
  const errorCode = (error: unknown) => apiErrorCode(error, isUnavailable)
  const https = config.APP_BASE_URL.startsWith('https:')

  const edge = {
    useCases,
    bindingCookie: cookies.header,
    errorCode,
    limits: { ...limits.calls, start: limits.start },
  }

  const app = new Hono<EdgeEnvironment>()
  app.use(requestContext(log))
  if (config.TRUSTED_PROXY_HOPS === 0) {
    const warn = forwardingWarning(log)
    app.use((c, next) => {
      if (c.env.incoming.headers['x-forwarded-for'] !== undefined) warn()
      return next()
    })
  }
  app.use(metrics.requests)
  app.use(securityHeaders({ https }))
  app.onError((error, c) => {
    const code = isBrokenOff(c.env) ? 'BAD_REQUEST' : errorCode(error)
    const status = httpStatus[code]
    if (status >= 500) c.get('log')().error({ err: error }, 'request failed')
    const retryAfter = retryAfterOf(error)
    if (retryAfter !== undefined) c.header('retry-after', String(retryAfter))
    c.header('cache-control', 'no-store')
    return c.json(apiError(code, c.get('requestId')), status)
  })
  app.notFound((c) => c.json(apiError('NOT_FOUND', c.get('requestId')), 404))

  const hops = config.TRUSTED_PROXY_HOPS
  const callbacks = {
    receiveCallback: useCases.receiveCallback,
    recognizeReturn: useCases.recognizeReturn,
    track,
    limit: limits.callback,
    addressOf: (c: Context<EdgeEnvironment>) =>
      clientAddress(c.env?.incoming?.socket.remoteAddress, c.req.header('x-forwarded-for'), hops),
    cookies,
    appBaseUrl: config.APP_BASE_URL,
  }
  app.route('/', callbackRoutes(callbacks))
  app.route('/', healthRoutes(useCases))

  const otherOrigins = crossOrigin([config.APP_BASE_URL, ...config.CORS_ORIGINS])
  for (const path of ['/trpc/*', '/api/*', '/config.json']) app.use(path, otherOrigins)
  app.get('/config.json', (c) => c.json(toldToPage(config), 200, { 'cache-control': 'no-cache' }))
  for (const path of ['/trpc/*', '/api/*']) app.use(path, limitBody())
  app.all('/trpc/*', trpcAdapter(edge))
  app.route('/', plainRoutes(edge))
  app.route('/', misspelledCallback(callbacks))
  app.route('/', pageRoutes(pageFolder, signInOrigins(config.AUTH_AUTHORITY)))
  return app
}
