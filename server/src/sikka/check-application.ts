import { ConnectionFailure } from '../failure.ts'
import type { Reply, Request } from './call.ts'
import { namedMeaning, refusalOf, statusMeaning, type Meanings } from './refusal.ts'
import type { Application } from './request-key.ts'

/**
 * `GET /v4/data_sync_status` for the offices of the last minute, one an answer: a documented call by the application
 * alone that costs one call and holds no secret (sikka-api, Revocation and health).
 */
export function applicationCheck(apiUrl: string, application: Application): [url: URL, request: Request] {
  const url = new URL('/v4/data_sync_status', apiUrl)
  url.searchParams.set('interval', '1')
  url.searchParams.set('limit', '1')
  const headers = { accept: 'application/json', 'app-id': application.id, 'app-key': application.key.reveal() }
  return [url, { method: 'GET', headers }]
}

/** What a missing or bad parameter of this call means: nothing about the application. */
const ofTheCall: Meanings = new Map(
  ['API1003', 'API1004', 'API1005', 'API1020', 'API1026'].map((named) => [named, { code: 'BAD_RESPONSE' }]),
)

/**
 * Whether Sikka knows the application and its key. What it says of anything else, a practice or the list, shows that
 * it does.
 * @throws {ConnectionFailure} CONFIG when it does not, also for a bare 401; PROVIDER_UNAVAILABLE when it cannot say
 */
export function readApplicationCheck(reply: Reply): void {
  const named = namedMeaning(reply, ofTheCall)
  const failure = refusalOf(reply, 'the application', statusMeaning, ofTheCall)
  if (named?.code === 'CONFIG' || (!named && reply.status === 401)) {
    throw new ConnectionFailure('CONFIG', failure.message)
  }
  if (reply.status >= 500 || reply.status === 429) throw failure
}
