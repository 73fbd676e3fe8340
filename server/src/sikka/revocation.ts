import * as z from 'zod'
import type { Redacted } from '../config/redacted.ts'
import { readJson, type Reply, type Request } from './call.ts'
import { namedMeaning, refusalOf, statusMeaning, type Meanings } from './refusal.ts'
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

const Message = z.record(z.string(), z.unknown())

/**
 * Reads the answer to a revocation: the key is worth nothing from now on.
 * @throws {ConnectionFailure} what has to be tried again later. A page instead of an answer, or a bare 404, proves
 * nothing; the next try is told that the key is gone.
 */
export function readRevocation(reply: Reply): void {
  const named = namedMeaning(reply, gone)
  if (named?.reason === 'refused') return
  if (!named && reply.status === 204) return
  if (!named && reply.status === 200 && Message.safeParse(readJson(reply.body)).success) return
  throw refusalOf(reply, 'the revocation', statusMeaning, gone)
}
