import { withSchemaEngine } from './schema-engine.ts'
import { readMigrations } from './migrations-folder.ts'

/**
 * Applies what is missing of `prisma/migrations` with Prisma's own engine, and keeps the
 * `_prisma_migrations` table that `prisma migrate deploy` knows.
 * @returns the names applied now, oldest first; empty when the database was up to date
 * @throws the engine's error: unreachable database, a failed or edited migration
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const migrationsList = await readMigrations()
  const { appliedMigrationNames } = await withSchemaEngine(databaseUrl, (engine) =>
    engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } }),
  )
  return appliedMigrationNames
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
