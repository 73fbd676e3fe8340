import * as z from 'zod'
import type { Redacted } from '../config/redacted.ts'
import type { Reply, Request } from './call.ts'
import { readRecord } from './read-json.ts'
import { mayBeSuccess, namedMeaning, refusalOf, saysNothingThere, statusMeaning, type Meanings } from './refusal.ts'
import type { Application } from './request-key.ts'

/** `DELETE /v4/request_key`. The practice's own authorization stays (sikka-api, Revocation). */
export function requestKeyRevocation(requestKey: Redacted): Request {
  return { method: 'DELETE', headers: { accept: 'application/json', 'request-key': requestKey.reveal() } }
}

/** `DELETE /v4/refresh_key`. */
export function refreshKeyRevocation(refreshKey: Redacted, application: Application): Request {
  const headers = {
    accept: 'application/json',
    'refresh-key': refreshKey.reveal(),
    'app-id': application.id,
    'app-key': application.key.reveal(),
  }
  return { method: 'DELETE', headers }
}

/** There is nothing left to delete: Sikka does not know the key, or not any more. */
const gone: Meanings = new Map(
  ['API1025', 'API2009', 'API2018', 'invalid_token'].map((named) => [
    named,
    { code: 'PROVIDER_ERROR', reason: 'refused' },
  ]),
)

/** The message of a success. The HTTP status in it, if any, counts as much as the answer's own. */
const Message = z.object({
  http_code: z.union([z.literal(['', null]), z.coerce.number().min(200).lt(300)]).optional(),
})

/**
 * Reads the answer to a revocation: the key is worth nothing from now on.
 * @throws {ConnectionFailure} what has to be tried again later. A page instead of an answer, an unknown error code or
 * a bare 404 proves nothing; the next try is told that the key is gone.
 */
export function readRevocation(reply: Reply): void {
  if (namedMeaning(reply, gone)?.reason === 'refused' || saysNothingThere(reply)) return
  if (mayBeSuccess(reply) && Message.safeParse(readRecord(reply.body)).success) return
  throw refusalOf(reply, 'the revocation', statusMeaning, gone)
}
