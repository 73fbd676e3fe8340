import type { KeyKind } from './fake-keys.ts'
import type { Practice } from './practices.ts'
import type { Scenario } from './scenario.ts'

/** One press of Allow. An office that authorizes again has several; the latest one counts. */
export interface Authorization extends Practice {
  id: number
  /** the switches chosen on the page for this authorization */
  chosen: Partial<Scenario>
  /** lists answered so far; not kept over a restart */
  lists: number
  /** the switches whose error was answered already; not kept over a restart */
  failedOnce: Set<string>
}

export interface RequestKey {
  key: string
  authorization: Authorization
  startsAt: Date
  endsAt: Date
  /** deleted, or killed by a newer key or by a replayed code */
  dead: boolean
  requests: number
}

export interface RefreshKey {
  key: string
  authorization: Authorization
  dead: boolean
}

/** All that outlives a restart: who authorized the application, and the keys that were issued. */
export interface Records {
  authorizations: Authorization[]
  requestKeys: Map<string, RequestKey>
  refreshKeys: Map<string, RefreshKey>
  /** by office id */
  secretKeys: Map<string, string>
}

export interface Ledger {
  readonly records: Records
  authorize(practice: Practice, chosen: Partial<Scenario>): Authorization
  /** The latest authorization of the office. */
  authorizationOf(officeId: string): Authorization | undefined
  /** The latest authorization of every office of the application. */
  authorizations(): Authorization[]
  /** The office's standing secret key. */
  secretKeyOf(officeId: string): string
  /** Gives the office another secret key; the old one is worth nothing from now on. */
  renewSecretKey(officeId: string): string
  issueRequestKey(authorization: Authorization, lifetimeSeconds: number): RequestKey
  issueRefreshKey(authorization: Authorization): RefreshKey
  /** Ends every request key of the office. */
  killRequestKeys(officeId: string): void
  liveRefreshKeyOf(authorization: Authorization): RefreshKey | undefined
  /** The newest keys of the office that can still be used, of whichever authorization. */
  runningKeysOf(officeId: string): { requestKey: RequestKey | undefined; refreshKey: RefreshKey | undefined }
}

export function ledger(records: Records, fakeKey: (kind: KeyKind) => string, now: () => Date): Ledger {
  const { authorizations, requestKeys, refreshKeys, secretKeys } = records
  const latest = new Map(authorizations.map((authorization) => [authorization.officeId, authorization]))

  function renewSecretKey(officeId: string): string {
    const secretKey = fakeKey('secretkey')
    secretKeys.set(officeId, secretKey)
    return secretKey
  }

  const secretKeyOf = (officeId: string) => secretKeys.get(officeId) ?? renewSecretKey(officeId)

  return {
    records,
    authorize(practice, chosen) {
      const id = (authorizations.at(-1)?.id ?? 0) + 1
      const authorization = { ...practice, id, chosen, lists: 0, failedOnce: new Set<string>() }
      authorizations.push(authorization)
      latest.set(practice.officeId, authorization)
      secretKeyOf(practice.officeId)
      return authorization
    },
    authorizationOf: (officeId) => latest.get(officeId),
    authorizations: () => [...latest.values()],
    secretKeyOf,
    renewSecretKey,
    issueRequestKey(authorization, lifetimeSeconds) {
      const startsAt = now()
      const endsAt = new Date(startsAt.getTime() + lifetimeSeconds * 1000)
      const issued = { key: fakeKey('requestkey'), authorization, startsAt, endsAt, dead: false, requests: 0 }
      requestKeys.set(issued.key, issued)
      return issued
    },
    issueRefreshKey(authorization) {
      const issued = { key: fakeKey('refreshkey'), authorization, dead: false }
      refreshKeys.set(issued.key, issued)
      return issued
    },
    killRequestKeys(officeId) {
      for (const issued of requestKeys.values()) if (issued.authorization.officeId === officeId) issued.dead = true
    },
    liveRefreshKeyOf: (authorization) =>
      [...refreshKeys.values()].findLast((issued) => issued.authorization === authorization && !issued.dead),
    runningKeysOf(officeId) {
      const isRunning = (issued: RequestKey | RefreshKey) => issued.authorization.officeId === officeId && !issued.dead
      return {
        requestKey: [...requestKeys.values()].findLast((issued) => isRunning(issued) && issued.endsAt > now()),
        refreshKey: [...refreshKeys.values()].findLast(isRunning),
      }
    },
  }
}
