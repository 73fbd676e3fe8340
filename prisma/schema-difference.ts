import { withSchemaEngine, readSchema } from './schema-engine.ts'
import { readMigrations } from './migrations-folder.ts'

/**
 * The SQL that would bring the migrations to `schema.prisma`, or undefined when they agree. Works in a
 * shadow database that it makes and drops on the server of `databaseUrl`; its role may create databases.
 */
export async function schemaDifference(databaseUrl: string): Promise<string | undefined> {
  const migrations = await readMigrations()
  const [path, content] = await readSchema()
  const difference = await withSchemaEngine(databaseUrl, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', files: [{ path, content }] },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    }),
  )
  return difference.exitCode === 0 ? undefined : (difference.stdout ?? '')
}
