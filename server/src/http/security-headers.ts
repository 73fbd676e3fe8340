import { createMiddleware } from 'hono/factory'
import type { EdgeEnvironment } from './request-context.ts'

/** What an answer that is no page may load: nothing. */
const nothing = "default-src 'none'; frame-ancestors 'none'"

/** What the page may load and call: its own files, and the place to sign in at. */
export function pagePolicy(signInOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    `connect-src 'self' ${signInOrigins.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // No text becomes HTML or a script, whatever a practice calls itself.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

/** What the page never asks a browser for. */
const unusedFeatures = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'usb',
  'xr-spatial-tracking',
] as const

const transportSecurity = 'max-age=31536000; includeSubDomains'

/**
 * Headers of every answer, set before a route runs; what the route sets, such as the page's own content policy, replaces
 * them. An answer to a bearer token is data that no browser asks for but by a script: what guards documents, and what
 * others may load, has nothing to guard there.
 */
export function securityHeaders({ https }: { https: boolean }) {
  const data = new Map([
    ['content-security-policy', nothing],
    ['x-content-type-options', 'nosniff'],
    ...(https ? [['strict-transport-security', transportSecurity] as const] : []),
  ])
  const all = new Map([
    ...data,
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'no-referrer'],
    ['permissions-policy', unusedFeatures.map((feature) => `${feature}=()`).join(', ')],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['origin-agent-cluster', '?1'],
    ['x-dns-prefetch-control', 'off'],
    ['x-download-options', 'noopen'],
    ['x-permitted-cross-domain-policies', 'none'],
    ['x-xss-protection', '0'],
  ])
  return createMiddleware<EdgeEnvironment>((c, next) => {
    const { path } = c.req
    c.env.outgoing.setHeaders(path.startsWith('/trpc/') || path.startsWith('/api/') ? data : all)
    return next()
  })
}
