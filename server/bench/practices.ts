import type pg from 'pg'

/** The account, office and person of a practice, by its number; 1 is the first. */
export const accountIdOf = (index: number) =>
  index
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
export const subjectOf = (index: number) => `bench-${index}`

/**
 * Fills a migrated database with connected practices, each with the attempt that connected it and what was written down
 * of it, spread over the last 29 days; past the triggers, and with statistics as after some time.
 */
export async function fillPractices(client: pg.Client, issuer: string, practices: number): Promise<void> {
  const account = `lpad(to_hex(n), 32, '0')::uuid`
  const of = `FROM generate_series(1, ${practices}) n`
  const at = `now() - n * interval '29 days' / ${practices}`
  await client.query(`SET session_replication_role = replica`)
  await client.query(`SET maintenance_work_mem = '512MB'`)
  // Indexes of a million rows are made in a third of the time that keeping them takes.
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE schemaname = 'public' AND (tablename = 'accounts' OR tablename LIKE 'pms\\_%') AND indexname NOT LIKE '%\\_pkey'`,
  )
  for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`)
  await client.query(`INSERT INTO accounts (id, issuer, subject) SELECT ${account}, $1, 'bench-' || n ${of}`, [issuer])
  await client.query(`
    INSERT INTO pms_integrations (id, "accountId", provider, status, "officeId", metadata, "secretVersionId",
      "tokenExpiresAt", "refreshDueAt", "connectedAt")
    SELECT ${account}, ${account}, 'SIKKA', 'ACTIVE', 'B' || n,
      jsonb_build_object('secretArn', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:bench-' || n,
        'practiceName', 'Practice ' || n, 'pmsType', 'Dentrix'),
      gen_random_uuid(), now() + interval '1 day', now() + interval '19 hours', ${at} ${of}`)
  await client.query(`
    INSERT INTO pms_connection_attempts (id, "accountId", provider, status, "nonceHash", "browserHash", "officeId", answer,
      "createdAt", "expiresAt", "claimedAt", deadline, "finishedAt")
    SELECT ${account}, ${account}, 'SIKKA', 'COMPLETED', sha256(n::text::bytea), sha256(n::text::bytea), 'B' || n,
      'CONNECTING', ${at}, ${at} + interval '10 minutes', ${at}, ${at} + interval '1 minute', ${at} ${of}`)
  await client.query(`
    INSERT INTO pms_audit_events (event, "accountId", "attemptId", at)
    SELECT 'CONNECTED', ${account}, ${account}, ${at} ${of}`)
  for (const { definition } of indexes) await client.query(definition)
  await client.query(`SET session_replication_role = origin`)
  await client.query('VACUUM ANALYZE')
}
