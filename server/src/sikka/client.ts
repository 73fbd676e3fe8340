import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { authorizationUrl } from './authorization-url.ts'
import { practicesRequest, readPractices } from './authorized-practices.ts'
import type { CallLimits } from './call.ts'
import { applicationCheck, readApplicationCheck } from './check-application.ts'
import { systemClock, type Clock } from '../clock.ts'
import type { Grant, KeyPair } from '../practice.ts'
import { repeat } from '../repeat.ts'
import { practicePages, type ListCalls, type ReadPage } from './practice-pages.ts'
import {
  codeExchangeRequest,
  readCodeExchange,
  readRefresh,
  readRenewal,
  refreshRequest,
  renewalRequest,
  type Application,
  type Office,
} from './request-key.ts'
import { readRevocation, refreshKeyRevocation, requestKeyRevocation } from './revocation.ts'
import type { Caller } from '../caller.ts'
import { senders, type Log, type Sender } from './send.ts'

/**
 * Sikka's cloud for one caller, as far as connecting a practice needs it. Nothing clinical is ever asked for (C58).
 */
export interface SikkaClient {
  authorizationUrl(state: string): string
  /** As `Sender.heldBackFor`. */
  heldBackFor(patience: number): number
  /** Whether Sikka knows us, by one call. @throws {ConnectionFailure} CONFIG when it does not (S12) */
  checkApplication(signal: AbortSignal): Promise<void>
  /**
   * The `authorization_code` grant. A code is sent once at most (I3): it is tried again only while no connection
   * comes about (F29), some 16 to 24 seconds.
   * @throws {ConnectionFailure} `reason` says whether the code may be spent: it is not after `not_sent` and `limited`
   */
  exchangeCode(code: Redacted, signal: AbortSignal): Promise<Grant>
  /** The `refresh_key` grant, sent once. @throws {ConnectionFailure} `unclear`: the old refresh key may be dead */
  refreshKeys(refreshKey: Redacted, signal: AbortSignal): Promise<Grant>
  /**
   * The `request_key` grant: new keys without the user. Tried twice more after what may pass.
   * @throws {ConnectionFailure} `refused`: this practice has to connect again
   */
  renewKeys(office: Office, signal: AbortSignal): Promise<Grant>
  /**
   * Deletes the keys that are given at Sikka; one that is over or unknown there counts as deleted.
   * @throws {ConnectionFailure} when it has to be tried again later, with the same keys
   */
  revokeKeys(keys: { [Key in keyof KeyPair]: Redacted | undefined }, signal: AbortSignal): Promise<void>
  /**
   * Pages of the list, in order, for as long as the caller wants more.
   * @param calls how many may still be made; each page takes one
   * @throws {ConnectionFailure} what a page was answered with
   */
  practicePages(requestKey: Redacted, signal: AbortSignal, calls: ListCalls): AsyncGenerator<ReadPage, void>
}

/** Pauses before an exchange that no connection took is tried again, milliseconds, each lengthened by half at most. */
const exchangePauses = [250, 500, 1_000, 2_000, 4_000, 8_000] as const
/** Longest pauses before a renewal is tried again, milliseconds (full jitter). */
const renewalPauses = [500, 1_500] as const

interface Settings {
  application: Application
  authorizationPage: string
  redirectUri: string
  apiUrl: string
  /** hears when Sikka fails, and when it works again */
  log?: Log
  clock?: Clock
  limits?: Partial<CallLimits>
}

/** One Sikka for all; who pays for trouble and limits depends on the caller (decision 16). */
export function sikkaClients(settings: Settings): { for(caller: Caller): SikkaClient; close(): Promise<void> } {
  const sikka = senders({ clock: systemClock, ...settings })
  return { for: (caller) => sikkaClient(settings, sikka.for(caller)), close: () => sikka.close() }
}

function sikkaClient(settings: Settings, sikka: Sender): SikkaClient {
  const { application, apiUrl, clock = systemClock } = settings
  const requestKeyUrl = new URL('/v4/request_key', apiUrl)
  const refreshKeyUrl = new URL('/v4/refresh_key', apiUrl)

  return {
    authorizationUrl: (state) => authorizationUrl(settings, state),
    heldBackFor: (patience) => sikka.heldBackFor(patience),
    async checkApplication(signal) {
      readApplicationCheck(await sikka.send(...applicationCheck(apiUrl, application), signal))
    },
    async exchangeCode(code, signal) {
      const request = codeExchangeRequest(code, application)
      const pauses = exchangePauses.map((pause) => pause * (1 + Math.random() / 2))
      const exchange = async () => readCodeExchange(await sikka.send(requestKeyUrl, request, signal))
      return repeat(exchange, pauses, wasNotSent, { clock, signal })
    },
    async refreshKeys(refreshKey, signal) {
      return readRefresh(await sikka.send(requestKeyUrl, refreshRequest(refreshKey, application), signal))
    },
    async renewKeys(office, signal) {
      const request = renewalRequest(office, application)
      const pauses = renewalPauses.map((pause) => pause * Math.random())
      const renewal = async () => readRenewal(await sikka.send(requestKeyUrl, request, signal), office.officeId)
      return repeat(renewal, pauses, mayPass, { clock, signal })
    },
    async revokeKeys({ requestKey, refreshKey }, signal) {
      const revoke = async (...call: Parameters<typeof sikka.send>) => readRevocation(await sikka.send(...call))
      const revocations = await Promise.allSettled([
        requestKey ? revoke(requestKeyUrl, requestKeyRevocation(requestKey), signal) : undefined,
        refreshKey ? revoke(refreshKeyUrl, refreshKeyRevocation(refreshKey, application), signal) : undefined,
      ])
      for (const each of revocations) if (each.status === 'rejected') throw each.reason
    },
    practicePages(requestKey, signal, calls) {
      const ask = async (page: number) =>
        readPractices(await sikka.send(...practicesRequest(apiUrl, requestKey, page), signal))
      return practicePages(ask, calls)
    },
  }
}

/** PROVIDER_UNAVAILABLE: who cannot prove to be Sikka (CONFIG, F48) is not asked again. */
function mayPass(error: unknown): boolean {
  return error instanceof ConnectionFailure && error.code === 'PROVIDER_UNAVAILABLE'
}

function wasNotSent(error: unknown): boolean {
  return mayPass(error) && error instanceof ConnectionFailure && error.reason === 'not_sent'
}
