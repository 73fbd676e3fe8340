import type { Tokens } from './tokens.ts'

/**
 * `fetch` with the person's access token. A refused token is replaced once; if there is no other, or the
 * other is refused too, the session is over and the sign-in screen takes its place.
 */
export function createAuthorizedFetch(tokens: Tokens, send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const token = await tokens.current()
    const first = await send(input, withToken(init, token))
    if (first.status !== 401) return first

    const other = await tokens.replace(token)
    if (other === undefined) {
      await tokens.end()
      return first
    }
    const second = await send(input, withToken(init, other))
    if (second.status === 401) await tokens.end()
    return second
  }
}

/** Credentials are for the cookie that ties an attempt to this browser. */
function withToken(init: RequestInit | undefined, token: string | undefined): RequestInit {
  const headers = new Headers(init?.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return { ...init, headers, credentials: 'include' }
}
