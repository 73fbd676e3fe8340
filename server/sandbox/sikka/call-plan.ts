import type { MiddlewareHandler } from 'hono'
import type { Cloud } from './cloud.ts'

/**
 * The application's plan (sikka-api, Errors): so many calls in a window of time, told by every answer in
 * `X-Rate-Limit-*`; calls past the plan are answered 429 without a code and do nothing.
 */
export function callPlan(cloud: Cloud): MiddlewareHandler {
  let window = { endsAt: 0, used: 0 }
  return async (c, next) => {
    const { planCalls, planWindowSeconds } = cloud.scenario.current
    if (planCalls === 0) {
      window = { endsAt: 0, used: 0 }
      return next()
    }
    const now = cloud.now().getTime()
    if (now >= window.endsAt) window = { endsAt: now + planWindowSeconds * 1000, used: 0 }
    window.used += 1
    const headers = {
      'x-rate-limit-limit': String(planCalls),
      'x-rate-limit-remaining': String(Math.max(0, planCalls - window.used)),
      'x-rate-limit-reset': String(Math.ceil((window.endsAt - now) / 1000)),
    }
    if (window.used > planCalls) {
      cloud.calls.overPlan++
      return new Response(null, { status: 429, headers })
    }
    await next()
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
    return undefined
  }
}
