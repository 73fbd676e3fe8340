import type pg from 'pg'
import { fillPractices } from '../test/harness/many-practices.ts'

/** The person of a practice, by its number; 1 is the first. */
export const subjectOf = (index: number) => `practice ${index}`

/**
 * Fills a migrated database with connected practices, each with the attempt that connected it and what was written down
 * of it, spread over the last 29 days; past the triggers, and with statistics as after some time.
 * @param client of that database
 */
export async function fillWithPast(client: pg.Client, url: string, issuer: string, practices: number): Promise<void> {
  // Indexes of a million rows are made in a third of the time that keeping them takes.
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE schemaname = 'public' AND (tablename = 'accounts' OR tablename LIKE 'pms\\_%') AND indexname NOT LIKE '%\\_pkey'`,
  )
  for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`)
  await fillPractices(url, { practices, issuer, subject: subjectOf(0).slice(0, -1) })
  const at = `now() - interval '29 days' * row_number() OVER () / ${practices}`
  await client.query(`SET session_replication_role = replica`)
  await client.query(`
    INSERT INTO pms_connection_attempts (id, "accountId", provider, status, "nonceHash", "browserHash", "officeId", answer,
      "createdAt", "expiresAt", "claimedAt", deadline, "finishedAt")
    SELECT id, "accountId", 'SIKKA', 'COMPLETED', sha256(id::text::bytea), sha256(id::text::bytea), "officeId", 'CONNECTING',
      at, at + interval '10 minutes', at, at + interval '1 minute', at
    FROM (SELECT *, ${at} AS at FROM pms_integrations) AS connected`)
  await client.query(`
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", at)
    SELECT 'CONNECTED', "accountId", id, "finishedAt" FROM pms_connection_attempts`)
  await client.query(`SET session_replication_role = origin`)
  await client.query(`SET maintenance_work_mem = '512MB'`)
  for (const { definition } of indexes) await client.query(definition)
  await client.query('VACUUM ANALYZE')
}
