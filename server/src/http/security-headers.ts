import { createMiddleware } from 'hono/factory'
import type { EdgeEnvironment } from './request-context.ts'

/** A response other than the page may load nothing. */
const nothing = "default-src 'none'; frame-ancestors 'none'"

/** The page may load and call its own files and the sign-in provider. */
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
    // No text becomes HTML or a script, whatever a practice's name contains.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

/** Browser features that the page never uses. */
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
 * Headers of every response, set before the route runs; a route may replace them, as with the page's own content
 * policy. Only scripts fetch responses to a bearer token: headers that protect documents or restrict who may load them
 * have no use there.
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
