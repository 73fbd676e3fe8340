import { migrationNames, type PrismaClient } from '@pms/prisma/client'

/**
 * Whether the database answers and has every migration of this build.
 * @throws {Error} saying which is not so
 */
export async function checkDatabase(db: PrismaClient): Promise<void> {
  const applied = await db.$queryRaw<{ name: string }[]>`
    SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
  const names = new Set(applied.map((migration) => migration.name))
  const missing = (await migrationNames()).filter((name) => !names.has(name))
  if (missing.length > 0) throw new Error(`The database lacks migrations (run pnpm migrate): ${missing.join(', ')}`)
}
