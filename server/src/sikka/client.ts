import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { authorizationUrl } from './authorization-url.ts'
import { call } from './call.ts'
import { mostPages, pageSize, practicesRequest, readPractices, type ListedPractice } from './authorized-practices.ts'
import { codeExchangeRequest, readCodeExchange, type Application, type RequestKeyGrant } from './request-key.ts'

/** Sikka's cloud, as far as connecting a practice needs it. Nothing clinical is ever asked for (C58). */
export interface SikkaClient {
  authorizationUrl(state: string): string
  exchangeCode(code: Redacted, signal: AbortSignal): Promise<RequestKeyGrant>
  /**
   * Pages of the list, in order, for as long as the caller wants more. `isWhole` is true once everything
   * that Sikka says it has was read.
   */
  practicePages(
    requestKey: Redacted,
    signal: AbortSignal,
  ): AsyncGenerator<{ listed: ListedPractice[]; isWhole: boolean }, void>
}

export function sikkaClient(settings: {
  application: Application
  authorizationPage: string
  redirectUri: string
  apiUrl: string
}): SikkaClient {
  const { application, apiUrl } = settings
  return {
    authorizationUrl: (state) => authorizationUrl(settings, state),
    async exchangeCode(code, signal) {
      const url = new URL('/v4/request_key', apiUrl)
      return readCodeExchange(await call(url, codeExchangeRequest(code, application), signal))
    },
    async *practicePages(requestKey, signal) {
      let seen = 0
      for (let page = 0; page < mostPages; page++) {
        const { listed, total } = readPractices(await call(...practicesRequest(apiUrl, requestKey, page), signal))
        seen += listed.length
        const isWhole = total === undefined ? listed.length < pageSize : seen >= total
        yield { listed, isWhole }
        if (isWhole || listed.length === 0) return
      }
      throw new ConnectionFailure('BAD_RESPONSE', `The list of practices has more than ${mostPages} pages`)
    },
  }
}
