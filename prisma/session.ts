/**
 * What an answer's text, or what a statement means, depends on, as `current_setting` says it. A database or a role may have
 * been given others (ALTER DATABASE, ALTER ROLE): dates that the adapter cannot read, names that are not found (S6, F92).
 */
export const sessionSettings = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  // Prisma's adapter drops the zone that PostgreSQL says a time in, and takes it for UTC.
  TimeZone: 'UTC',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  bytea_output: 'hex',
  extra_float_digits: '1',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  default_transaction_isolation: 'read committed',
  lock_timeout: '0',
  idle_session_timeout: '0',
} as const

/**
 * The address, with these settings as start parameters: they hold from the first statement on without one of ours, and
 * RESET and DISCARD come back to them, which is not so after a SET. A pooler that ignores start parameters needs them on
 * the role or in its `connect_query` (docs/scaling.md); readiness fails while one of them is otherwise.
 * Tables are looked for in `public`, unless the address's own options say another `search_path`.
 */
export function withSession(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  const given = url.searchParams.get('options') ?? ''
  const ours = Object.entries(sessionSettings).map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
  // The last one counts.
  url.searchParams.set('options', ['-c search_path=public', given, ...ours].filter((part) => part !== '').join(' '))
  return url.href
}
