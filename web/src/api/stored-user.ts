/** Whom the sign-in has left in this tab's storage: what the page needs of it while no library is loaded. */
export interface StoredUser {
  accessToken: string
  canRenew: boolean
  /** seconds since 1970, by this browser's clock */
  expiresAt: number | undefined
  /** the ID token's claims */
  profile: Readonly<Record<string, unknown>>
}

/** Under what oidc-client-ts keeps the person (its `WebStorageStateStore` and `UserManager`). */
export function userKey({ authority, clientId }: { authority: string; clientId: string }): string {
  return `oidc.user:${authority}:${clientId}`
}

/** @returns undefined when nobody is signed in, and for what cannot be read */
export function readStoredUser(text: string | null): StoredUser | undefined {
  const stored = text === null ? undefined : parse(text)
  if (!isRecord(stored) || !isRecord(stored['profile'])) return undefined
  const { access_token: accessToken, refresh_token: refreshToken, expires_at: expiresAt, profile } = stored
  if (typeof accessToken !== 'string' || accessToken === '') return undefined
  return {
    accessToken,
    canRenew: typeof refreshToken === 'string' && refreshToken !== '',
    expiresAt: typeof expiresAt === 'number' ? expiresAt : undefined,
    profile,
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
