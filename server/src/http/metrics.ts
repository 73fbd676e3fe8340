import { createServer, type Server as HttpServer } from 'node:http'
import { createMiddleware } from 'hono/factory'
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import { connectionErrorCodes } from '@pms/shared/errors'
import type { EdgeEnvironment } from './request-context.ts'
import { watchState, type StateSources } from './state-metrics.ts'

/** Metrics for operators. Labels come from fixed lists, so that no caller can create new series. */
export interface Metrics {
  requests: ReturnType<typeof measureRequests>
  /** an attempt has ended: CONNECTED or a ConnectionErrorCode */
  attemptEnded: (outcome: string) => void
  /** a refresh of keys has ended */
  refreshEnded: (outcome: string) => void
  /** this process counted a limit, since the database could not */
  limitStoreFailed: () => void
  /** reports the state of these sources at each scrape */
  watch: (sources: StateSources) => void
  /** the server for `METRICS_PORT`: `GET /metrics` in Prometheus' text format */
  createServer: () => HttpServer
}

export function metrics(): Metrics {
  const registry = new Registry()
  const attempts = new Counter({
    name: 'pms_connection_attempts_ended_total',
    help: 'Attempts to connect a practice that have ended, by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const refreshes = new Counter({
    name: 'pms_key_refreshes_total',
    help: 'Refreshes of keys of connected practices, by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // Start every series at 0, so that its first event shows as an increase.
  for (const outcome of ['CONNECTED', ...connectionErrorCodes]) attempts.inc({ outcome }, 0)
  for (const outcome of ['refreshed', 'superseded', 'reconnect', 'braked', 'failed']) refreshes.inc({ outcome }, 0)
  const limitFailures = new Counter({
    name: 'pms_limit_store_failures_total',
    help: 'Calls whose limit was counted in this process alone, since the database could not',
    registers: [registry],
  })
  return {
    requests: measureRequests(registry),
    watch: (sources) => watchState(registry, sources),
    attemptEnded: (outcome) => attempts.inc({ outcome }),
    limitStoreFailed: () => limitFailures.inc(),
    refreshEnded: (outcome) => refreshes.inc({ outcome }),
    createServer: () => {
      // Collected only if something can scrape them.
      collectDefaultMetrics({ register: registry })
      return createServer((request, response) => {
        if (request.url !== '/metrics') {
          response.writeHead(404).end()
          return
        }
        registry.metrics().then(
          (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
          () => response.writeHead(500).end(),
        )
      })
    },
  }
}

function measureRequests(registry: Registry) {
  const duration = new Histogram({
    name: 'pms_http_request_duration_seconds',
    help: 'Time to answer, by route and status; a held status request counts its wait',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  })
  const routes = ['/pms/', '/trpc/', '/api/', '/config.json', '/livez', '/readyz', '/assets/']
  const methods = new Set(['GET', 'HEAD', 'POST', 'OPTIONS'])
  const routeOf = (path: string): string => routes.find((start) => path.startsWith(start)) ?? 'page'
  return createMiddleware<EdgeEnvironment>(async (c, next) => {
    const startedAt = performance.now()
    await next()
    const method = methods.has(c.req.method) ? c.req.method : 'other'
    const labels = { method, route: routeOf(c.req.path), status: c.res.status }
    duration.observe(labels, (performance.now() - startedAt) / 1000)
  })
}
