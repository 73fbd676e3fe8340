import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { Refusal } from './api-error-code.ts'
import type { EdgeEnvironment } from './request-context.ts'

/** Largest body of a request, bytes: inputs are a few ids. */
const maxSize = 64 * 1024

/**
 * PAYLOAD_TOO_LARGE for a body that is larger. Hono's limit counts what comes without a stated length; it makes a
 * native `Request` for that, which a request that states its length does not need.
 */
export function limitBody() {
  const tooLarge = (): never => {
    throw new Refusal('PAYLOAD_TOO_LARGE')
  }
  const counted = bodyLimit({ maxSize, onError: tooLarge })
  return createMiddleware<EdgeEnvironment>((c, next) => {
    const { headers } = c.env.incoming
    if (headers['transfer-encoding'] !== undefined) return counted(c, next)
    return Number(headers['content-length'] ?? 0) > maxSize ? tooLarge() : next()
  })
}
