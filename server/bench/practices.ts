import { accountIdSql, fillPractices, filling, withoutIndexes } from '../test/harness/many-practices.ts'

/** The person of a practice, by its number; 1 is the first. */
export const subjectOf = (index: number) => `practice ${index}`

/**
 * Fills a migrated database with connected practices, each with the attempt that connected it and what was written down
 * of it, spread over the last 29 days; past the triggers, and with statistics as after some time.
 */
export async function fillWithPast(url: string, issuer: string, practices: number): Promise<void> {
  await Promise.all([
    withoutIndexes(url, ['accounts', 'pms_integrations'], async () =>
      fillPractices(url, { practices, issuer, subject: subjectOf(0).slice(0, -1) }),
    ),
    withoutIndexes(url, ['pms_connection_attempts', 'pms_audit_events'], async () => fillPast(url, practices)),
  ])
  await filling(url, (client) => client.query('VACUUM ANALYZE'))
}

async function fillPast(url: string, practices: number): Promise<void> {
  const past = `generate_series(1, ${practices}) n,
    LATERAL (SELECT ${accountIdSql} AS id, now() - interval '29 days' * n / ${practices} AS at) AS practice`
  await filling(url, async (client) => {
    await client.query(`
      INSERT INTO pms_connection_attempts (id, "accountId", provider, status, "nonceHash", "browserHash", "officeId", answer,
        "createdAt", "expiresAt", "claimedAt", deadline, "finishedAt")
      SELECT id, id, 'SIKKA', 'COMPLETED', sha256(id::text::bytea), sha256(id::text::bytea), 'D' || n, 'CONNECTING',
        at, at + interval '10 minutes', at, at + interval '1 minute', at FROM ${past}`)
    await client.query(`
      INSERT INTO pms_audit_events (event, "accountId", "attemptId", at) SELECT 'CONNECTED', id, id, at FROM ${past}`)
  })
}
