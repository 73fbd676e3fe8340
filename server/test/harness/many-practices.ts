import pg from 'pg'

/** The account of a practice, by its number; 1 is the first. */
export const accountIdOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`

/**
 * So many connected practices, by a connection without our limits and past the triggers: nobody is told of them.
 * @param subject before the number of each, with which its person signs in
 */
export async function fillPractices(
  databaseUrl: string,
  {
    practices,
    issuer = 'https://auth.example.com',
    subject = 'practice ',
  }: { practices: number; issuer?: string; subject?: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const account = `('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid`
  const all = `FROM generate_series(1, ${practices}) n`
  await client.query('SET session_replication_role = replica')
  await client.query(`INSERT INTO accounts (id, issuer, subject) SELECT ${account}, $1, $2 || n ${all}`, [
    issuer,
    subject,
  ])
  await client.query(
    `INSERT INTO pms_integrations (id, "accountId", provider, status, "officeId", metadata, "secretVersionId",
       "tokenExpiresAt", "refreshDueAt", "connectedAt")
     SELECT ${account}, ${account}, 'SIKKA', 'ACTIVE', 'D' || n,
       jsonb_build_object('secretArn', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:practice-' || n,
         'practiceName', 'Practice ' || n, 'pmsType', 'Dentrix'),
       gen_random_uuid(), now() + interval '1 day', now() + interval '19 hours', now() ${all}`,
  )
  await client.query('ANALYZE accounts, pms_integrations')
  await client.end()
}
