import pg from 'pg'

/** The account of a practice, by its number; 1 is the first. */
export const accountIdOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`

/** The same in a statement, of `n`. */
export const accountIdSql = `('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid`

/** Does it by a connection without our limits and past the triggers: nobody is told of it. */
export async function filling(databaseUrl: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('SET session_replication_role = replica')
    await work(client)
  } finally {
    await client.end()
  }
}

/** Indexes of a million rows are made in a third of the time that keeping them takes; primary keys are kept. */
export async function withoutIndexes(
  databaseUrl: string,
  tables: readonly string[],
  fill: () => Promise<void>,
): Promise<void> {
  await filling(databaseUrl, async (client) => {
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
       WHERE schemaname = 'public' AND tablename = ANY ($1) AND indexname NOT LIKE '%\\_pkey'`,
      [tables],
    )
    for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`)
    await fill()
    await client.query(`SET maintenance_work_mem = '512MB'`)
    for (const { definition } of indexes) await client.query(definition)
  })
}

/**
 * So many connected practices.
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
  const all = `FROM generate_series(1, ${practices}) n`
  await filling(databaseUrl, async (client) => {
    await client.query(`INSERT INTO accounts (id, issuer, subject) SELECT ${accountIdSql}, $1, $2 || n ${all}`, [
      issuer,
      subject,
    ])
    await client.query(
      `INSERT INTO pms_integrations (id, "accountId", provider, status, "officeId", metadata, "secretVersionId",
         "tokenExpiresAt", "refreshDueAt", "connectedAt")
       SELECT ${accountIdSql}, ${accountIdSql}, 'SIKKA', 'ACTIVE', 'D' || n,
         jsonb_build_object('secretArn', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:practice-' || n,
           'practiceName', 'Practice ' || n, 'pmsType', 'Dentrix'),
         gen_random_uuid(), now() + interval '1 day', now() + interval '19 hours', now() ${all}`,
    )
    await client.query('ANALYZE accounts, pms_integrations')
  })
}
