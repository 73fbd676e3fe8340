/** A browser as far as one host's cookies go: sends what it was sent, follows no redirect by itself. */
export interface CookieJar {
  /** the cookies it would send, value by name */
  readonly cookies: ReadonlyMap<string, string>
  fetch(url: URL | string, init?: RequestInit): Promise<Response>
}

export function cookieJar(): CookieJar {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async fetch(url, init) {
      const headers = new Headers(init?.headers)
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
      const response = await fetch(url, { ...init, headers, redirect: 'manual' })
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      return response
    },
  }
}
