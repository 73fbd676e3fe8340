import { secureHeaders } from 'hono/secure-headers'

/** Headers of every answer: nothing is framed, guessed or loaded but from here and the place to sign in at. */
export function securityHeaders({ authority, https }: { authority: string; https: boolean }) {
  const none = ["'none'"]
  const self = ["'self'"]
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: none,
      scriptSrc: self,
      styleSrc: self,
      fontSrc: self,
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", new URL(authority).origin],
      manifestSrc: self,
      objectSrc: none,
      baseUri: none,
      formAction: none,
      frameAncestors: none,
    },
    strictTransportSecurity: https ? 'max-age=31536000; includeSubDomains' : false,
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
  })
}
