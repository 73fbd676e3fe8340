import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { Refusal } from './api-error-code.ts'
import type { EdgeEnvironment } from './request-context.ts'

/** Largest request body, bytes: inputs are a few ids. */
const maxSize = 64 * 1024

/**
 * Refuses a larger body with PAYLOAD_TOO_LARGE. Hono's limit counts bodies without a stated length, but builds a native
 * `Request`; a stated `content-length` is enough otherwise.
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
