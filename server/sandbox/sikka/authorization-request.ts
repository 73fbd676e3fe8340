import type { Cloud } from './cloud.ts'

export const authorizationPath = '/portal/authapp.aspx'

/** What the application sends the browser with. */
export interface AuthorizationRequest {
  appId: string
  redirectUri: string
  /** left out by an application that has none */
  state: string | undefined
}

/**
 * Checks what came, before anything is sent back anywhere.
 * @param given all values of a parameter
 * @returns a sentence where the request cannot be answered with a redirect
 */
export function readAuthorizationRequest(
  cloud: Cloud,
  given: (name: 'app_id' | 'redirect_uri' | 'state') => string[],
): AuthorizationRequest | string {
  const [appIds, redirectUris, states] = [given('app_id'), given('redirect_uri'), given('state')]
  const [appId] = appIds
  const [redirectUri] = redirectUris
  if (appIds.length > 1 || redirectUris.length > 1 || states.length > 1) return 'A parameter is given twice.'
  if (appId !== cloud.application.id) return 'This application is not known.'
  if (redirectUri === undefined || !isRegistered(cloud.redirectUris, redirectUri)) {
    return 'This redirect URI is not registered for the application.'
  }
  return { appId, redirectUri, state: states[0] }
}

/** Compared to the letter, as OAuth asks (RFC 9700, section 2.1). */
function isRegistered(registered: Cloud['redirectUris'], uri: string): boolean {
  if (registered !== 'loopback') return registered.includes(uri)
  if (!URL.canParse(uri)) return false
  const { protocol, hostname, username, password } = new URL(uri)
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return protocol === 'http:' && loopback && username === '' && password === ''
}
