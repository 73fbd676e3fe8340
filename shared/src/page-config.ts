/**
 * `GET /config.json`: what the page needs to know at run time, so that one build serves every environment. No secret.
 * While servers are replaced, a page may meet an older or a newer one: what is new is optional, and read past.
 */
export interface PageConfig {
  /** OpenID Connect authority to sign in at */
  authority: string
  clientId: string
  /** where a practice gets SPU: a link to follow, never an address that the page asks for anything */
  spuDownloadUrl?: string
}

/** @throws {Error} naming the field that is missing or wrong */
export function readPageConfig(value: unknown): PageConfig {
  const given: Partial<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  const authority = webAddress(given['authority'])
  const clientId = given['clientId']
  const spuDownloadUrl = webAddress(given['spuDownloadUrl'])
  if (authority === undefined) throw new Error('/config.json names no authority to sign in at')
  if (typeof clientId !== 'string' || clientId === '') throw new Error('/config.json names no client')
  return { authority, clientId, ...(spuDownloadUrl === undefined ? {} : { spuDownloadUrl }) }
}

/** An address that a link may lead to; a script is none. */
function webAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  return /^https?:$/.test(new URL(value).protocol) ? value : undefined
}
