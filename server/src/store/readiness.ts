import { migrationNames, type PrismaClient } from '@pms/prisma/client'
import { sessionSettings } from '@pms/prisma/session'

/** Only a superuser can set the last one: with another value no trigger fires. */
const needed = { ...sessionSettings, session_replication_role: 'origin' }

/** How long a check is cached, milliseconds: anybody may call it, and each check queries the database. */
const freshFor = 500

/** Timeout of a check, milliseconds: a slower database is of no use to a waiting user. */
const longestCheck = 1_000

/**
 * Whether the database responds, takes writes, and has every migration of this build.
 * @returns the check. Throws an Error saying what is wrong
 */
export function readiness(db: PrismaClient): () => Promise<void> {
  let names: Promise<string[]> | undefined
  let checkedAt = -Infinity
  let checking: Promise<void> | undefined

  async function check(): Promise<void> {
    // Writes nothing, but fails if the database is read-only (F67) or the table is locked (F68).
    await db.$executeRaw`UPDATE pms_connection_attempts SET id = id WHERE false`
    const applied = await db.$queryRaw<{ name: string }[]>`
      SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
    const present = new Set(applied.map((migration) => migration.name))
    const missing = (await (names ??= migrationNames())).filter((name) => !present.has(name))
    const others = await db.$queryRaw<{ name: string }[]>`
      SELECT key AS name FROM json_each_text(${JSON.stringify(needed)}::json) WHERE current_setting(key) <> value`
    if (others.length > 0) {
      const settings = others.map(({ name }) => name).join(', ')
      throw new Error(`Sessions lack settings of ours; is a pooler in between (docs/scaling.md)? ${settings}`)
    }
    if (missing.length > 0) throw new Error(`The database lacks migrations (run pnpm migrate): ${missing.join(', ')}`)
  }

  return () => {
    if (!checking || performance.now() > checkedAt + freshFor) {
      checkedAt = performance.now()
      const { promise: late, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(
        () => reject(new Error(`The database takes over ${longestCheck} ms to answer`)),
        longestCheck,
      )
      checking = Promise.race([check(), late]).finally(() => clearTimeout(timer))
    }
    return checking
  }
}
