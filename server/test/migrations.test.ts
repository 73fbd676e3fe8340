import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { migrationNames } from '@pms/prisma/client'
import { migrate } from '@pms/prisma/migrate'
import { schemaDifference } from '@pms/prisma/schema-difference'
import { expect, inject, it } from 'vitest'
import { createDatabase } from '../sandbox/postgres/database.ts'
import pg from 'pg'

it('an empty database gets every migration, once, and says which', async () => {
  await using database = await createDatabase(inject('databaseServerUrl'))
  expect(await migrate(database.url)).toEqual(await migrationNames())
  expect(await migrate(database.url)).toEqual([])
})

it('the table that the CLI keeps is kept', async () => {
  await using database = await createDatabase(inject('databaseServerUrl'))
  await migrate(database.url)
  const client = new pg.Client(database.url)
  await client.connect()
  const { rows } = await client.query(
    'SELECT migration_name, finished_at IS NOT NULL AS finished FROM _prisma_migrations',
  )
  await client.end()
  expect(rows).toEqual((await migrationNames()).map((name) => ({ migration_name: name, finished: true })))
})

it('T2: who had an office before its history was kept is taken from integrations, attempts and the audit', async () => {
  await using database = await createDatabase(inject('databaseServerUrl'), undefined, inject('templateDatabase'))
  const client = new pg.Client(database.url)
  await client.connect()
  const [now, replaced, audited, never] = ['d1', 'D2', 'D3', 'D4']
  const [own, other] = [randomUUID(), randomUUID()]
  // As before: no trigger writes down what follows.
  await client.query(`SET session_replication_role = replica`)
  await client.query(`INSERT INTO accounts (id, issuer, subject) VALUES ('${own}', 'i', '1'), ('${other}', 'i', '2')`)
  await client.query(`
    INSERT INTO pms_integrations (id, "accountId", provider, status, "officeId", metadata, "secretVersionId", "tokenExpiresAt", "connectedAt")
    VALUES (gen_random_uuid(), '${own}', 'SIKKA', 'INACTIVE', '${now}', '{}', 'v', now(), now())`)
  const attempt = async (accountId: string, status: string, officeId: string) => {
    const { rows } = await client.query<{ id: string }>(`
      INSERT INTO pms_connection_attempts (id, "accountId", provider, status, "nonceHash", "browserHash", "officeId")
      VALUES (gen_random_uuid(), '${accountId}', 'SIKKA', '${status}', '${randomUUID()}', '', '${officeId}') RETURNING id`)
    return rows[0]?.id
  }
  await attempt(own, 'COMPLETED', replaced)
  await attempt(own, 'COMPLETED', now)
  await attempt(own, 'FAILED', never)
  const connected = await attempt(other, 'FAILED', audited)
  await client.query(`
    INSERT INTO pms_audit_events (event, "accountId", "attemptId") VALUES ('CONNECTED', '${other}', '${connected}')`)
  const folder = new URL('../../prisma/migrations/20261130120000_office_owners_before/', import.meta.url)
  const script = await readFile(new URL('migration.sql', folder), 'utf8')
  for (const _ of [1, 2]) await client.query(script)
  const { rows } = await client.query(`SELECT "officeKey", "accountId" FROM pms_office_owners ORDER BY 1`)
  await client.end()
  expect(rows).toEqual([
    { officeKey: 'D1', accountId: own },
    { officeKey: 'D2', accountId: own },
    { officeKey: 'D3', accountId: other },
  ])
})

it('the schema says what the migrations say', async () => {
  expect(await schemaDifference(inject('databaseServerUrl'))).toBeUndefined()
})
