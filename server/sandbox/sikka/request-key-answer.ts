import type { Context } from 'hono'
import type { RefreshKey, RequestKey } from './ledger.ts'
import type { Scenario } from './scenario.ts'
import { leaveOut, spaced } from './written.ts'

/** A time as Sikka writes it, without a zone; it is UTC. */
export function zoneless(time: Date): string {
  return time.toISOString().slice(0, 19)
}

/** The documented fields of an issued key, all text (sikka-api, request_key), and what the scenario changes in them. */
export function requestKeyAnswer(
  c: Context,
  scenario: Scenario,
  requestKey: RequestKey,
  refreshKey: RefreshKey | undefined,
): { body: Record<string, unknown>; headers: Record<string, string> } {
  const body: Record<string, unknown> = {
    href: new URL(`/v4/request_key/${requestKey.key}`, c.req.url).href,
    request_key: spaced(scenario, requestKey.key),
    ...keyFacts(scenario, requestKey),
    expires_in: expiresIn(scenario),
  }
  if (refreshKey) body['refresh_key'] = spaced(scenario, refreshKey.key)
  else if (scenario.absentValues === 'empty_text') body['refresh_key'] = ''
  if (scenario.tokenType === 'bearer') body['token_type'] = 'Bearer'
  if (scenario.issuedTo === 'absent') leaveOut(scenario, body, 'issued_to')
  if (scenario.issuedTo === 'unreadable') body['issued_to'] = { office_id: body['issued_to'] }
  if (scenario.expiresIn === 'missing') delete body['expires_in']
  return { body, headers: { 'request-key-expires': requestKey.endsAt.toUTCString() } }
}

/** What `request_key` and `request_key_info` both say of a key. */
export function keyFacts(scenario: Scenario, { startsAt, endsAt, authorization, requests }: RequestKey) {
  return {
    start_time: zoneless(startsAt),
    end_time: zoneless(scenario.endTime === 'future' ? endsAt : new Date(startsAt.getTime() - 24 * 60 * 60 * 1000)),
    issued_to: authorization.officeId,
    status: 'active',
    request_count: String(requests),
    scope: 'read',
    domain: 'Dental',
  }
}

function expiresIn({ expiresIn: form, lifetimeSeconds: seconds }: Scenario): unknown {
  switch (form) {
    case 'seconds_text':
    case 'missing':
      return `${seconds} second(s)`
    case 'number_text':
      return String(seconds)
    case 'number':
      return seconds
    case 'zero':
      return '0 second(s)'
    case 'negative':
      return '-1 second(s)'
    case 'garbage':
      return 'until tomorrow'
    case 'empty_text':
      return ''
    case 'null':
      return null
    case 'exponent':
      return '1e9'
  }
}
