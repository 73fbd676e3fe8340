import { parseUrl } from './parse-url.ts'

/**
 * `GET /config.json`: what the page needs to know at run time, so that one build serves every environment. No secret.
 * While servers are replaced, a page may meet an older or a newer one: what is new is optional, and read past.
 */
export interface PageConfig {
  /** OpenID Connect authority to sign in at */
  authority: string
  clientId: string
  /** What is not set is not offered (P14). Links to follow; the page itself requests none of them. */
  supportEmail?: string | undefined
  supportUrl?: string | undefined
  /** where a practice gets SPU */
  spuDownloadUrl?: string | undefined
  /** where the setup goes on after the connection */
  nextStepUrl?: string | undefined
}

/** @throws {Error} naming the field that is missing or wrong */
export function readPageConfig(value: unknown): PageConfig {
  const given: Partial<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  const authority = webAddress(given['authority'])
  const clientId = given['clientId']
  if (authority === undefined) throw new Error('/config.json names no authority to sign in at')
  if (typeof clientId !== 'string' || clientId === '') throw new Error('/config.json names no client')
  return {
    authority,
    clientId,
    supportEmail: emailAddress(given['supportEmail']),
    supportUrl: webAddress(given['supportUrl']),
    spuDownloadUrl: webAddress(given['spuDownloadUrl']),
    nextStepUrl: webAddress(given['nextStepUrl']),
  }
}

/** An address that a link may lead to; a script is none. */
function webAddress(value: unknown): string | undefined {
  const url = typeof value === 'string' ? parseUrl(value) : undefined
  return url && /^https?:$/.test(url.protocol) ? String(value) : undefined
}

/** One that a `mailto:` link may hold as it is. */
function emailAddress(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.'+-]+@[\w.-]+$/.test(value) ? value : undefined
}
