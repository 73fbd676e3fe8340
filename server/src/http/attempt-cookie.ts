import type { BrowserBinding } from '../connection/start-connection.ts'

/** Seconds a browser keeps the cookie: as long as the attempt may be claimed. */
const lifetime = 600

/**
 * The cookie that ties an attempt to its browser. `__Host-` keeps sibling domains from planting one; Lax sends it when
 * Sikka redirects the browser back.
 */
export function attemptCookies({ secure }: { /** false only on http at localhost */ secure: boolean }) {
  const nameOf = (shortId: string) => `${secure ? '__Host-' : ''}pms_attempt_${shortId}`
  return {
    nameOf,
    header: ({ shortId, token }: BrowserBinding): string =>
      `${nameOf(shortId)}=${token.reveal()}; Path=/; Max-Age=${lifetime}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  }
}

export type AttemptCookies = ReturnType<typeof attemptCookies>
