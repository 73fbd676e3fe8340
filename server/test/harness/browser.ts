/**
 * A browser as far as cookies and redirects go: one jar, cookies by host (and not by port, as in
 * browsers), no redirect followed by itself.
 */
export interface CookieBrowser {
  fetch: typeof fetch
  /** name=value of a host's cookies */
  cookies: (host: string) => string[]
  clearCookies: () => void
}

export function cookieBrowser(): CookieBrowser {
  const jar = new Map<string, Map<string, string>>()
  return {
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
      const held = jar.get(url.hostname)
      if (held && held.size > 0) headers.set('cookie', [...held].map(([name, value]) => `${name}=${value}`).join('; '))
      const response = await fetch(input, { ...init, headers, redirect: 'manual' })
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        const cookies = jar.get(url.hostname) ?? new Map<string, string>()
        jar.set(url.hostname, cookies.set(name, value))
      }
      return response
    },
    cookies: (host) => [...(jar.get(host) ?? [])].map(([name, value]) => `${name}=${value}`),
    clearCookies: () => jar.clear(),
  }
}
