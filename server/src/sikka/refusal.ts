import type { ConnectionErrorCode } from '@pms/shared/errors'
import { ConnectionFailure, type FailureReason } from '../failure.ts'
import type { Reply } from './call.ts'
import { readRecord } from './read-json.ts'

/** What an answer says of our call. */
export interface Meaning {
  code: ConnectionErrorCode
  reason?: FailureReason
}

/** Meanings by Sikka's error code, or OAuth's; without a `code`, the status has it. */
export type Meanings = ReadonlyMap<string, Partial<Meaning>>

const refusedCode: Meaning = { code: 'CODE_REJECTED', reason: 'refused' }
/** Of our own settings, and so nothing about the practice: no reason. */
const config: Meaning = { code: 'CONFIG' }
/** For an authorization code it means that the code is refused; `readCodeExchange` says so (sikka-api, Errors). */
const badParameter: Meaning = { code: 'CONFIG', reason: 'bad_parameter' }
const withdrawn: Meaning = { code: 'PROVIDER_ERROR', reason: 'refused' }
const limited: Meaning = { code: 'PROVIDER_UNAVAILABLE', reason: 'limited' }
const passing: Meaning = { code: 'PROVIDER_UNAVAILABLE', reason: 'unclear' }

/** Also in successes (API0002, API4006), so only these mean that something is wrong. */
const meanings: Meanings = new Map<string, Partial<Meaning>>([
  ['API1001', config],
  ['API1002', config],
  ['API1003', config],
  ['API1004', config],
  ['API1005', config],
  ['API1020', badParameter],
  ['API1025', { reason: 'expired_key' }],
  ['API1026', badParameter],
  ['API2003', config],
  ['API2004', config],
  ['API2007', withdrawn],
  ['API2001', passing],
  ['API2002', passing],
  ['API2006', passing],
  ['API2010', passing],
  ['API2011', limited],
  ['API2012', limited],
  ['API2017', passing],
  ['API2022', passing],
  // "Error while decrypting", which can come with HTTP 200.
  ['API4002', passing],
  ['invalid_grant', refusedCode],
  ['invalid_token', { reason: 'expired_key' }],
  ['invalid_client', config],
  ['unauthorized_client', config],
  ['access_denied', withdrawn],
  ['temporarily_unavailable', passing],
])

/** What a success may carry where an error would have its code (sikka-api, Errors). */
const successes: ReadonlySet<string | undefined> = new Set([undefined, 'API0002', 'API0003', 'API4006'])

/** Whether an answer is a 2xx without an error code: whether it is a success as well, its body has to show. */
export function mayBeSuccess(reply: Reply): boolean {
  return reply.status >= 200 && reply.status < 300 && successes.has(errorCodeOf(reply))
}

/** There is nothing (API2005), with whatever status and body (sikka-api, Errors). */
export function saysNothingThere(reply: Reply): boolean {
  return reply.status === 204 || errorCodeOf(reply) === 'API2005'
}

/** The error code in an answer, Sikka's or else OAuth's, known or not; it is text from outside. */
function errorCodeOf(reply: Reply): string | undefined {
  const body = readRecord(reply.body)
  return codeIn(body?.['error_code']) ?? codeIn(body?.['error'])
}

/** @returns undefined where there is none: empty values are absent; a text that no error has for what is no text */
function codeIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return value ? 'not a text' : undefined
  const code = value.trim()
  if (code === '') return undefined
  return /^api\d+$/i.test(code) ? code.toUpperCase() : code
}

/**
 * What the error code in an answer means.
 * @param also what this call alone makes of some error codes
 * @returns undefined without a code, and for one that means nothing bad
 */
export function namedMeaning(reply: Reply, also?: Meanings): Partial<Meaning> | undefined {
  return meaningOf(errorCodeOf(reply), also)
}

function meaningOf(code: string | undefined, also?: Meanings): Partial<Meaning> | undefined {
  return code === undefined ? undefined : (also?.get(code) ?? meanings.get(code))
}

/** Sikka's answer as a failure, by its error code where there is one and else by its HTTP status. */
export function refusalOf(
  reply: Reply,
  what: string,
  byStatus: (status: number) => Meaning,
  also?: Meanings,
): ConnectionFailure {
  const named = errorCodeOf(reply)
  const meaning = meaningOf(named, also)
  const { reason, code = byStatus(reply.status).code } = meaning ?? byStatus(reply.status)
  const message = `Sikka refused ${what}: HTTP ${reply.status}${meaning ? `, ${named}` : ''}`
  return new ConnectionFailure(code, message, reason ? { reason } : {})
}

/** What a status means where nothing says more. */
export function statusMeaning(status: number): Meaning {
  if (status === 429) return limited
  if (status >= 500) return passing
  return { code: status === 401 || status === 403 ? 'PROVIDER_ERROR' : 'BAD_RESPONSE' }
}

/** One practice's: no data yet, its daily limits, its computer is off (T10). */
const practicesOwn: ReadonlySet<string> = new Set(['API2010', 'API2011', 'API2012', 'API2017'])

/** Whether an answer is about one practice: nobody else waits for it, and what its headers ask for is not for all. */
export function isPracticesOwn(reply: Reply): boolean {
  return practicesOwn.has(errorCodeOf(reply) ?? '')
}

/** Whether an answer may mean that Sikka as a whole cannot now. A 429 means that it works; `rateLimit` waits for it. */
export function isSikkasTrouble(reply: Reply): boolean {
  return reply.status >= 500 && !isPracticesOwn(reply)
}
