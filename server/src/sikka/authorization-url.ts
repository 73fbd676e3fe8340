import type { Application } from './request-key.ts'

/** Where the practice allows or denies us: `SIKKA_OAUTH_URL?app_id&redirect_uri&state`. */
export function authorizationUrl(
  settings: { application: Application; authorizationPage: string; redirectUri: string },
  state: string,
): string {
  const url = new URL(settings.authorizationPage)
  url.searchParams.set('app_id', settings.application.id)
  url.searchParams.set('redirect_uri', settings.redirectUri)
  url.searchParams.set('state', state)
  return url.href
}
