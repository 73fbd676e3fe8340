import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { withSession } from './session.ts'

const connectTimeout = 5_000

/**
 * Prisma's adapter for PostgreSQL, fit for migrations. Of its own (7.10) it splits a script at every
 * semicolon, which breaks the body of a function, makes its shadow database only to go on in the real
 * one when it was given a URL, and cannot read a type that the engine asks for. Here a script runs whole, on one connection and so in one
 * transaction, as it does under `prisma migrate deploy`; a shadow database is really another one.
 */
export function migrationAdapter(
  databaseUrl: string,
): SqlMigrationAwareDriverAdapterFactory & { /** Ends every connection. */ close: () => Promise<void> } {
  const adapters: SqlDriverAdapter[] = []
  const open = async (url: string): Promise<SqlDriverAdapter> => {
    const adapter = await connect(url)
    adapters.push(adapter)
    return adapter
  }
  return {
    close: async () => {
      await Promise.all(adapters.splice(0).map((adapter) => adapter.dispose()))
    },
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => open(databaseUrl),
    connectToShadowDb: async () => {
      const name = `prisma_migrate_shadow_db_${randomUUID()}`
      await runScript(databaseUrl, `CREATE DATABASE "${name}"`)
      const shadowUrl = new URL(databaseUrl)
      shadowUrl.pathname = `/${name}`
      const adapter = await open(shadowUrl.href)
      const dispose = adapter.dispose.bind(adapter)
      adapter.dispose = once(async () => {
        await dispose()
        await runScript(databaseUrl, `DROP DATABASE "${name}" WITH (FORCE)`)
      })
      return adapter
    },
  }
}

async function connect(databaseUrl: string): Promise<SqlDriverAdapter> {
  const pool = new pg.Pool({ connectionString: withSession(databaseUrl), connectionTimeoutMillis: connectTimeout })
  const charColumns = watchSystemChars(pool)
  const adapter = await new PrismaPg(pool, { disposeExternalPool: true }).connect()
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    for (const column of charColumns.get(query.sql) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character
    return result
  }
  // The engine disposes of what it likes, and we of everything.
  adapter.dispose = once(adapter.dispose.bind(adapter))
  adapter.executeScript = (script) => runScript(databaseUrl, script)
  return adapter
}

/**
 * The catalogue's one-byte type "char" (oid 18) is unknown to the adapter, and the engine insists on a
 * character for it: it passes the adapter as text (oid 25), and which columns it was is kept by statement.
 */
function watchSystemChars(pool: pg.Pool): ReadonlyMap<string, readonly number[]> {
  const columns = new Map<string, number[]>()
  const query = pool.query.bind(pool) as (config: pg.QueryConfig) => Promise<pg.QueryResult>
  const watched = async (config: pg.QueryConfig): Promise<pg.QueryResult> => {
    const result = await query(config)
    const found: number[] = []
    for (const [column, field] of result.fields.entries()) {
      if (field.dataTypeID !== 18) continue
      field.dataTypeID = 25
      found.push(column)
    }
    if (found.length > 0) columns.set(config.text, found)
    return result
  }
  Object.assign(pool, { query: watched })
  return columns
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

async function runScript(databaseUrl: string, script: string): Promise<void> {
  const client = new pg.Client({ connectionString: withSession(databaseUrl), connectionTimeoutMillis: connectTimeout })
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
}
