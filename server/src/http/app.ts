import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import type { Logger } from 'pino'
import type { Config } from '../config/environment.ts'
import { toldToPage } from '../config/told-to-page.ts'
import { apiError, apiErrorCode, httpStatus, Refusal, retryAfterOf } from './api-error-code.ts'
import { attemptCookies } from './attempt-cookie.ts'
import { callbackRoutes, misspelledCallback } from './callback.ts'
import { clientAddress, forwardingWarning } from './client-address.ts'
import { connectionStatusRoute, plainStatus } from './connection-status-route.ts'
import { healthRoutes } from './health.ts'
import type { Limits } from './limits.ts'
import type { Metrics } from './metrics.ts'
import { pageRoutes } from './page.ts'
import { isBrokenOff, requestContext, type EdgeEnvironment } from './request-context.ts'
import { contentPolicy, dataHeaders, securityHeaders } from './security-headers.ts'
import { signInOrigins } from './sign-in-origins.ts'
import { statusPaths, withStatusQuestions } from './status-question.ts'
import { trpcHandler, trpcStatus } from './trpc/handler.ts'
import type { UseCases } from './use-cases.ts'

/** Largest body of a request, bytes: inputs are a few ids. */
const maxBody = 64 * 1024

/** The edge: every route there is (contract, section 4). */
export function createApp(parts: {
  config: Config
  useCases: UseCases
  track: (work: Promise<unknown>) => void
  log: Logger
  pageFolder: string
  /** whether an error means that the database cannot be reached */
  isUnavailable: (error: unknown) => boolean
  metrics: Pick<Metrics, 'requests' | 'statusAnswered'>
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
      if (c.req.header('x-forwarded-for') !== undefined) warn()
      return next()
    })
  }
  app.use(metrics.requests)
  app.use(securityHeaders({ https }))
  app.use(contentPolicy)
  app.onError((error, c) => {
    const code = isBrokenOff(c.env) ? 'BAD_REQUEST' : errorCode(error)
    const status = httpStatus[code]
    if (status >= 500) c.var.log.error({ err: error }, 'request failed')
    const retryAfter = retryAfterOf(error)
    if (retryAfter !== undefined) c.header('retry-after', String(retryAfter))
    c.header('cache-control', 'no-store')
    return c.json(apiError(code, c.var.requestId), status)
  })
  app.notFound((c) => c.json(apiError('NOT_FOUND', c.var.requestId), 404))

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

  const crossOrigin = cors({
    origin: [config.APP_BASE_URL, ...config.CORS_ORIGINS],
    credentials: true,
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization', 'content-type'],
    exposeHeaders: ['retry-after', 'x-request-id'],
    maxAge: 600,
  })
  for (const path of ['/trpc/*', '/api/*', '/config.json']) app.use(path, crossOrigin)

  app.get('/config.json', (c) => c.json(toldToPage(config), 200, { 'cache-control': 'no-cache' }))
  const tooLarge = (): never => {
    throw new Refusal('PAYLOAD_TOO_LARGE')
  }
  app.use('/trpc/*', bodyLimit({ maxSize: maxBody, onError: tooLarge }))
  app.all('/trpc/*', trpcHandler(edge))
  app.route('/', connectionStatusRoute(edge))
  app.route('/', misspelledCallback(callbacks))
  app.route('/', pageRoutes(pageFolder, signInOrigins(config.AUTH_AUTHORITY)))
  const questions = {
    [statusPaths.trpc]: trpcStatus(edge),
    [statusPaths.plain]: plainStatus(edge),
  }
  // What nobody reads is not measured.
  const onAnswered = config.METRICS_PORT === undefined ? undefined : metrics.statusAnswered
  return withStatusQuestions(app, questions, { headers: dataHeaders({ https }), log, onAnswered })
}
