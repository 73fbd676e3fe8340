import type { ConnectionErrorCode } from '@pms/shared/errors'
import * as z from 'zod'
import { ConnectionFailure } from '../failure.ts'
import { readJson, type Reply } from './call.ts'

/** Sikka's own shape, or OAuth's; everything else in a body is no help (sikka-api, Errors). */
const RefusalBody = z.object({ error_code: z.string().optional(), error: z.string().optional() })

/** Also in successes (API0002, API4006), so only these mean that something is wrong. */
const meanings: Record<string, ConnectionErrorCode> = {
  API1001: 'CONFIG',
  API1002: 'CONFIG',
  API1003: 'CONFIG',
  API1004: 'CONFIG',
  API1005: 'CONFIG',
  API1020: 'CODE_REJECTED',
  API1026: 'CODE_REJECTED',
  API2003: 'CONFIG',
  API2004: 'CONFIG',
  API2007: 'PROVIDER_ERROR',
  API2001: 'PROVIDER_UNAVAILABLE',
  API2002: 'PROVIDER_UNAVAILABLE',
  API2006: 'PROVIDER_UNAVAILABLE',
  API2010: 'PROVIDER_UNAVAILABLE',
  API2011: 'PROVIDER_UNAVAILABLE',
  API2012: 'PROVIDER_UNAVAILABLE',
  API2017: 'PROVIDER_UNAVAILABLE',
  API2022: 'PROVIDER_UNAVAILABLE',
  invalid_grant: 'CODE_REJECTED',
  invalid_client: 'CONFIG',
  unauthorized_client: 'CONFIG',
}

/** Sikka's answer as a failure, by its error code where there is one and else by its HTTP status. */
export function refusalOf(
  reply: Reply,
  what: string,
  byStatus: (status: number) => ConnectionErrorCode,
): ConnectionFailure {
  const body = RefusalBody.safeParse(readJson(reply.body))
  const named = body.success ? (body.data.error_code ?? body.data.error) : undefined
  const meaning = named === undefined ? undefined : meanings[named]
  const code = meaning ?? byStatus(reply.status)
  return new ConnectionFailure(code, `Sikka refused ${what}: HTTP ${reply.status}${meaning ? `, ${named}` : ''}`)
}

/** What a status means where nothing says more. */
export function statusMeaning(status: number): ConnectionErrorCode {
  if (status === 429 || status >= 500) return 'PROVIDER_UNAVAILABLE'
  if (status === 401 || status === 403) return 'PROVIDER_ERROR'
  return 'BAD_RESPONSE'
}
