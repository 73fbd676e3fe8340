import { openDatabase } from '@pms/prisma/client'
import { migrate } from '@pms/prisma/migrate'
import { openPool } from '@pms/prisma/pool'
import pg from 'pg'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabase } from '../sandbox/postgres/database.ts'
import { readiness } from '../src/store/readiness.ts'
import { stage } from './harness/stage.ts'
import { connect, outcomeOf } from './harness/visit.ts'

/** All that a database or a role may have been given, each to our harm. */
const bad = {
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'America/St_Johns',
  search_path: 'nowhere',
  client_encoding: 'LATIN1',
  standard_conforming_strings: 'off',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  default_transaction_isolation: 'serializable',
  lock_timeout: '1ms',
  idle_session_timeout: '1s',
}

/** For every session from now on; those that are open are ended. */
async function setBadly(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const name = pg.escapeIdentifier(new URL(databaseUrl).pathname.slice(1))
  const role = pg.escapeIdentifier(client.user ?? '')
  for (const [setting, value] of Object.entries(bad)) {
    await client.query(`ALTER DATABASE ${name} SET ${setting} = ${pg.escapeLiteral(value)}`)
  }
  await client.query(`ALTER ROLE ${role} IN DATABASE ${name} SET DateStyle = 'German, DMY'`)
  await client.query(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
  await client.end()
}

describe('S6: a database and a role whose session settings are not ours', () => {
  const on = stage()
  beforeAll(() => setBadly(on.system.databaseUrl))
  const isReady = async () => (await fetch(`${on.system.origin}/readyz`)).status === 200

  it('S6: a server that is ready connects, refreshes, tells of changes and the history, in UTC', async () => {
    await on.system.until(isReady)
    const before = Date.now()
    const { outcome, attemptId } = await connect(on.person)
    expect(outcome).toMatchObject({ status: 'connected', practiceName: 'Happy Dental Clinic' })
    const connectedAt = Date.parse(outcome.connectedAt ?? '')
    expect(Math.abs(connectedAt - before)).toBeLessThan(60_000)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
    const { events } = await on.person.client.pms.history.query()
    expect(events.map(({ event }) => event)).toEqual(['connected', 'authorized', 'started'])
    for (const { at } of events) expect(Math.abs(Date.parse(at) - before)).toBeLessThan(60_000)
    const row = await on.system.db.pmsIntegration.findFirstOrThrow()
    const held = on.person.client.pms.connectionStatus.query({ after: 'none', waitSeconds: 0 })
    expect(await held).toMatchObject({ status: 'connected' })
    await on.system.makeDue(row)
    expect(await on.system.refreshKeys(row.id)).toBe('refreshed')
    await on.person.client.pms.disconnect.mutate()
    await on.system.until(async () => (await on.system.secretNames()).length === 0)
  })
})

it('S6: is migrated, with all its names in the schema public', async () => {
  await using database = await createDatabase(inject('databaseServerUrl'))
  await setBadly(database.url)
  expect((await migrate(database.url)).length).toBeGreaterThan(0)
  expect(await migrate(database.url)).toEqual([])
  const db = openDatabase(openPool(database.url, { connections: 1, applicationName: 'test' }))
  await readiness(db)()
  const schemas = await db.$queryRaw<unknown[]>`SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'pms%'`
  expect(schemas).toEqual([{ schemaname: 'public' }])
  await db.$disconnect()
})

it('S6: sessions without our settings, as through a pooler that ignores them, are not ready, and the reason is named', async () => {
  await using database = await createDatabase(inject('databaseServerUrl'), undefined, inject('templateDatabase'))
  await setBadly(database.url)
  // What a pooler leaves of the settings, and by that name the tables are found.
  const options = '-c search_path=public -c lock_timeout=0'
  const db = openDatabase(new pg.Pool({ connectionString: database.url, max: 1, options }))
  await expect(readiness(db)()).rejects.toThrow(/scaling\.md.*DateStyle.*TimeZone/)
  await db.$disconnect()
})
