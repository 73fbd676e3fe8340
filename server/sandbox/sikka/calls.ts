/** How often the stand-in was asked for what, so that a test can count (I3, C31, C58). */
export interface Calls {
  /** the authorization page was shown */
  authorizationPage: number
  allowed: number
  denied: number
  /** `POST /v4/request_key` by grant */
  requestKey: { authorization_code: number; request_key: number; refresh_key: number; other: number }
  authorizedPractices: number
  deleteRequestKey: number
  deleteRefreshKey: number
  requestKeyInfo: number
  dataSyncStatus: number
  healthCheck: number
  /** anything else below /v4: patients' data is there, and a connection has no business with it (F49) */
  clinical: number
  /** calls past the plan, answered 429 */
  overPlan: number
  /** somebody followed a redirect that the API answered with (AT25) */
  followedRedirects: number
  /** exchanges of each code, the codes numbered in the order of their issue from 1; never a code itself */
  exchangesByCode: Record<number, number>
  /** exchanges of a code that was never issued */
  exchangesOfUnknownCodes: number
}

export function noCalls(): Calls {
  return {
    authorizationPage: 0,
    allowed: 0,
    denied: 0,
    requestKey: { authorization_code: 0, request_key: 0, refresh_key: 0, other: 0 },
    authorizedPractices: 0,
    deleteRequestKey: 0,
    deleteRefreshKey: 0,
    requestKeyInfo: 0,
    dataSyncStatus: 0,
    healthCheck: 0,
    clinical: 0,
    overPlan: 0,
    followedRedirects: 0,
    exchangesByCode: {},
    exchangesOfUnknownCodes: 0,
  }
}

/** @param code the code's number, or undefined for one that was never issued */
export function countExchange(calls: Calls, code: number | undefined): void {
  if (code === undefined) calls.exchangesOfUnknownCodes++
  else calls.exchangesByCode[code] = (calls.exchangesByCode[code] ?? 0) + 1
}
