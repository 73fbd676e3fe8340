import { PgBoss } from 'pg-boss'
import { withSchemaEngine } from './schema-engine.ts'
import { readMigrations } from './migrations-folder.ts'
import { withSession } from './session.ts'

/**
 * Applies what is missing of `prisma/migrations` with Prisma's own engine, and keeps the
 * `_prisma_migrations` table that `prisma migrate deploy` knows. pg-boss then brings its own schema up to date.
 * @returns the names applied now, oldest first; empty when the database was up to date
 * @throws the engine's error: unreachable database, a failed or edited migration
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const migrationsList = await readMigrations()
  const { appliedMigrationNames } = await withSchemaEngine(databaseUrl, (engine) =>
    engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } }),
  )
  await migrateJobs(databaseUrl)
  return appliedMigrationNames
}

/** The jobs' schema belongs to pg-boss, which knows best; the server itself may not change it. */
async function migrateJobs(databaseUrl: string): Promise<void> {
  const connectionString = withSession(databaseUrl)
  const boss = new PgBoss({ connectionString, max: 1, supervise: false, schedule: false, migrate: true })
  // A lost connection also rejects what waits for it; without a listener it would end the process.
  boss.on('error', () => undefined)
  await boss.start()
  await boss.stop({ graceful: false })
}

if (import.meta.main) {
  const databaseUrl = process.env['DATABASE_URL']
  if (!databaseUrl) {
    console.error('migrate: DATABASE_URL is not set. Set it to the PostgreSQL database to migrate.')
    process.exit(1)
  }
  try {
    const applied = await migrate(databaseUrl)
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`)
  } catch (error) {
    console.error(`migrate: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}
