import type { PrismaClient } from '@pms/prisma/client'

/** Empties who ever had which office, which the product cannot: its triggers do not fire here. */
export async function forgetOffices(db: PrismaClient): Promise<void> {
  await db.$transaction([
    db.$executeRaw`SET LOCAL session_replication_role = replica`,
    db.$executeRaw`DELETE FROM pms_office_owners`,
  ])
}
