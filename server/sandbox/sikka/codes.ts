import type { KeyKind } from './fake-keys.ts'
import type { Authorization, RefreshKey, RequestKey } from './ledger.ts'

/** Life of an authorization code, milliseconds. */
const codeLifetime = 5 * 60 * 1000

/** An authorization code that was issued. Kept in memory only: it does not outlive a restart. */
export interface IssuedCode {
  /** 1 for the first of this start */
  number: number
  authorization: Authorization
  endsAt: Date
  /** what it was exchanged for */
  spentOn: { requestKey: RequestKey; refreshKey: RefreshKey | undefined } | undefined
}

export interface Codes {
  issue(authorization: Authorization): string
  find(code: string): IssuedCode | undefined
}

export function codes(fakeKey: (kind: KeyKind) => string, now: () => Date): Codes {
  const issued = new Map<string, IssuedCode>()
  return {
    issue(authorization) {
      const code = fakeKey('code')
      const endsAt = new Date(now().getTime() + codeLifetime)
      issued.set(code, { number: issued.size + 1, authorization, endsAt, spentOn: undefined })
      return code
    },
    find: (code) => issued.get(code),
  }
}
