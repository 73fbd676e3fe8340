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

it('the schema says what the migrations say', async () => {
  expect(await schemaDifference(inject('databaseServerUrl'))).toBeUndefined()
})
