import type { PrismaClient } from '@pms/prisma/client'
import type { Server } from './servers.ts'

/** A job that waits to be called for. */
export interface HeldJob {
  id: string
  name: string
  data: { attemptId?: string; accountId?: string; integrationId?: string; versionId?: string; secretArn?: string }
}

/**
 * The jobs' real rows, written by the production code in its own transactions; but nothing takes them by itself, a
 * trigger puts them off. The model says which one is done when, by which server, and so a run can be repeated.
 */
export interface HeldJobs {
  waiting: () => Promise<HeldJob[]>
  /** Does a job as `run-jobs.ts` would; it is gone when it is done, and waits again when it failed. */
  run: (job: HeldJob, server: Server) => Promise<void>
  /** whether somebody is doing it */
  isRunning: (job: HeldJob) => boolean
  /** how often it has failed, and with what last */
  failures: (job: HeldJob) => { tries: number; error: unknown } | undefined
  /** What a dead server was doing waits again. */
  forget: (server: Server) => void
  clear: () => Promise<void>
}

export async function heldJobs(db: PrismaClient): Promise<HeldJobs> {
  await db.$executeRawUnsafe(`
    CREATE FUNCTION model_hold_job() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.start_after := NEW.start_after + interval '10 years';
      NEW.keep_until := NEW.keep_until + interval '10 years';
      RETURN NEW;
    END $$`)
  await db.$executeRawUnsafe(
    'CREATE TRIGGER model_hold_job BEFORE INSERT ON pgboss.job FOR EACH ROW EXECUTE FUNCTION model_hold_job()',
  )
  const running = new Map<string, Server>()
  const failed = new Map<string, { tries: number; error: unknown }>()

  async function work({ name, data, id }: HeldJob, { jobs }: Server): Promise<unknown> {
    if (!jobs) throw new Error('A child process is not asked to do jobs')
    const { attemptId = '', accountId = '', integrationId = '', versionId = '', secretArn } = data
    const known = secretArn === undefined ? {} : { secretArn }
    switch (name) {
      case 'watch-attempt':
        return jobs.watchAttempt({ id: attemptId, accountId })
      case 'refresh-keys':
        return jobs.refreshKeys(integrationId)
      case 'settle-secret':
        return jobs.settleSecret({ accountId, ...known }, (failed.get(id)?.tries ?? 0) + 1)
      case 'revoke-version':
        return jobs.revokeVersion({ accountId, versionId, ...known })
      case 'release-grant':
        return jobs.releaseGrant({ id: attemptId, accountId, ...known })
      default:
        throw new Error(`There is no job ${name}`)
    }
  }

  return {
    waiting: () =>
      db.$queryRaw<HeldJob[]>`
        SELECT id::text, name, data FROM pgboss.job
        WHERE state IN ('created', 'retry') AND name NOT LIKE '\\_\\_%' AND name <> 'sweep' ORDER BY created_on, id`,
    async run(job, server) {
      running.set(job.id, server)
      try {
        await work(job, server)
        failed.delete(job.id)
        if (server.isAlive()) await db.$executeRaw`DELETE FROM pgboss.job WHERE id = ${job.id}::uuid`
      } catch (error) {
        failed.set(job.id, { tries: (failed.get(job.id)?.tries ?? 0) + 1, error })
      } finally {
        if (running.get(job.id) === server) running.delete(job.id)
      }
    },
    isRunning: ({ id }) => running.has(id),
    failures: ({ id }) => failed.get(id),
    forget(server) {
      for (const [id, by] of running) if (by === server) running.delete(id)
    },
    async clear() {
      running.clear()
      failed.clear()
      await db.$executeRaw`DELETE FROM pgboss.job`
    },
  }
}
