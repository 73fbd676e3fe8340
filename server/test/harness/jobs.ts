import { PgBoss } from 'pg-boss'
import { until } from './until.ts'
import type { StandIns } from './stand-ins.ts'

type Part = Pick<StandIns, 'db'>

/** Jobs of that kind that are for later are due now. */
export async function jobsAreDue({ db }: Part, kind: string): Promise<void> {
  await db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE name = ${kind} AND state IN ('created', 'retry')`
}

/** Waits until all jobs of that kind that were due are done. */
export async function jobsAreDone({ db }: Part, kind: string): Promise<void> {
  await until(async () => {
    const due = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM pgboss.job WHERE name = ${kind} AND state IN ('created', 'retry', 'active') AND start_after <= now()`
    return due.length === 0
  })
}

/**
 * What servers were doing when they died comes again, now: the time for it, a minute or so, and the pause after it are
 * over, and the look for it that every server takes each quarter of a minute is taken. No server may be doing anything.
 */
export async function jobsOfTheDeadComeAgain({ db, databaseUrl }: Part & Pick<StandIns, 'databaseUrl'>): Promise<void> {
  await db.$executeRaw`UPDATE pgboss.job SET started_on = started_on - interval '1 hour' WHERE state = 'active'`
  const boss = new PgBoss({
    connectionString: databaseUrl,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
    monitorIntervalSeconds: 1,
  })
  await boss.start()
  await until(async () => {
    await boss.supervise()
    const active = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM pgboss.job WHERE state = 'active' AND started_on < now() - interval '30 minutes'`
    return active.length === 0
  })
  await boss.stop({ graceful: false })
  await db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'`
}
