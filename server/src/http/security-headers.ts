import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'

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
  'browsingTopics',
  'camera',
  'displayCapture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickeyCredentialsGet',
  'screenWakeLock',
  'usb',
  'xrSpatialTracking',
] as const

/**
 * Headers of an answer that is data, for a bearer token alone: no browser asks for it but by a script of ours, so what
 * guards documents, and what others may load, has nothing to guard; a policy of nothing holds should it be shown.
 */
export function dataHeaders({ https }: { https: boolean }): Readonly<Record<string, string>> {
  return {
    'content-security-policy': nothing,
    ...(https ? { 'strict-transport-security': transportSecurity } : {}),
    'x-content-type-options': 'nosniff',
  }
}

const transportSecurity = 'max-age=31536000; includeSubDomains'

/** Headers of every other answer; a page sets a content policy of its own. */
export function securityHeaders({ https }: { https: boolean }) {
  return secureHeaders({
    strictTransportSecurity: https ? transportSecurity : false,
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    permissionsPolicy: Object.fromEntries(unusedFeatures.map((feature) => [feature, false])),
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
  })
}

export const contentPolicy = createMiddleware(async (c, next) => {
  await next()
  if (!c.res.headers.has('content-security-policy')) c.res.headers.set('content-security-policy', nothing)
})
