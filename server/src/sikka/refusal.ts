import type { ConnectionErrorCode } from '@pms/shared/errors'
import * as z from 'zod'
import { ConnectionFailure, type FailureReason } from '../failure.ts'
import { readJson, type Reply } from './call.ts'

/** Sikka's own shape, or OAuth's; everything else in a body is no help (sikka-api, Errors). */
const RefusalBody = z.object({ error_code: z.string().optional(), error: z.string().optional() })

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
  ['API1020', refusedCode],
  ['API1025', { reason: 'expired_key' }],
  ['API1026', refusedCode],
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
  ['invalid_grant', refusedCode],
  ['invalid_token', { reason: 'expired_key' }],
  ['invalid_client', config],
  ['unauthorized_client', config],
  ['access_denied', withdrawn],
  ['temporarily_unavailable', passing],
])

/** The error code in an answer, known or not; it is text from outside. */
function errorCodeOf(reply: Reply): string | undefined {
  const body = RefusalBody.safeParse(readJson(reply.body))
  return body.success ? (body.data.error_code ?? body.data.error) : undefined
}

/**
 * What the error code in an answer means.
 * @param also what this call alone makes of some error codes
 * @returns undefined without a code, and for one that means nothing bad
 */
export function namedMeaning(reply: Reply, also?: Meanings): Partial<Meaning> | undefined {
  const named = errorCodeOf(reply)
  return named === undefined ? undefined : (also?.get(named) ?? meanings.get(named))
}

/** Sikka's answer as a failure, by its error code where there is one and else by its HTTP status. */
export function refusalOf(
  reply: Reply,
  what: string,
  byStatus: (status: number) => Meaning,
  also?: Meanings,
): ConnectionFailure {
  const named = namedMeaning(reply, also)
  const { reason, code = byStatus(reply.status).code } = named ?? byStatus(reply.status)
  const message = `Sikka refused ${what}: HTTP ${reply.status}${named ? `, ${errorCodeOf(reply)}` : ''}`
  return new ConnectionFailure(code, message, reason ? { reason } : {})
}

/** What a status means where nothing says more. */
export function statusMeaning(status: number): Meaning {
  if (status === 429) return limited
  if (status >= 500) return passing
  return { code: status === 401 || status === 403 ? 'PROVIDER_ERROR' : 'BAD_RESPONSE' }
}

/** One practice's: no data yet, its daily limit. Other practices' calls need not suffer for it. */
const practicesOwn: ReadonlySet<string> = new Set(['API2010', 'API2012'])

/** Whether an answer means that Sikka as a whole cannot now, whoever asks. */
export function isSikkasTrouble(reply: Reply): boolean {
  if (reply.status !== 429 && reply.status < 500) return false
  return !practicesOwn.has(errorCodeOf(reply) ?? '')
}
