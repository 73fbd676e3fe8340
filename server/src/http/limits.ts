import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refusal } from './api-error-code.ts'

/**
 * At most `points` calls in `seconds` a key, counted in this process.
 * @param points 0 for no limit
 * @returns takes one call of a key. Throws a TOO_MANY_REQUESTS refusal past the limit
 */
export function limit(points: number, seconds: number): (key: string) => Promise<void> {
  if (points === 0) return async () => undefined
  const limiter = new RateLimiterMemory({ points, duration: seconds })
  return async (key) => {
    try {
      await limiter.consume(key)
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      throw new Refusal('TOO_MANY_REQUESTS', { retryAfter: Math.ceil(error.msBeforeNext / 1000) })
    }
  }
}
