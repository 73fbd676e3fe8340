import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import pg from 'pg'

const connectTimeout = 5_000

/**
 * Prisma's adapter for PostgreSQL, fit for migrations. Of its own (7.10) it splits a script at every
 * semicolon, which breaks the body of a function, makes its shadow database only to go on in the real
 * one when it was given a URL, and cannot read a type that the engine asks for. Here a script runs whole, on one connection and so in one
 * transaction, as it does under `prisma migrate deploy`; a shadow database is really another one.
 */
export function migrationAdapter(databaseUrl: string): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connect(databaseUrl),
    connectToShadowDb: async () => {
      const name = `prisma_migrate_shadow_db_${randomUUID()}`
      await runScript(databaseUrl, `CREATE DATABASE "${name}"`)
      const shadowUrl = new URL(databaseUrl)
      shadowUrl.pathname = `/${name}`
      const adapter = await connect(shadowUrl.href)
      const dispose = adapter.dispose.bind(adapter)
      adapter.dispose = async () => {
        await dispose()
        await runScript(databaseUrl, `DROP DATABASE "${name}" WITH (FORCE)`)
      }
      return adapter
    },
  }
}

async function connect(databaseUrl: string): Promise<SqlDriverAdapter> {
  const pool = new pg.Pool({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeout })
  const query = pool.query.bind(pool) as (config: pg.QueryConfig) => Promise<pg.QueryResult>
  Object.assign(pool, { query: async (config: pg.QueryConfig) => readSystemChars(await query(config)) })
  const adapter = await new PrismaPg(pool, { disposeExternalPool: true }).connect()
  adapter.executeScript = (script) => runScript(databaseUrl, script)
  return adapter
}

/** The catalogue's one-byte type "char" (oid 18), which the adapter does not know, is a char(1) (oid 1042). */
function readSystemChars(result: pg.QueryResult): pg.QueryResult {
  for (const field of result.fields) {
    if (field.dataTypeID === 18) field.dataTypeID = 1042
  }
  return result
}

async function runScript(databaseUrl: string, script: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeout })
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
}
