/** Handles what no job does: the job was lost, or an older version sent none. */
import { Prisma } from '@pms/prisma/client'
import { inProgress, leaseEnd, now, watchJob, type AttemptId } from './attempt-sql.ts'
import { deleteOld, expireSome } from './attempts.ts'
import { refreshDue, secondsUntilDue } from './refresh-plan.ts'
import type { Store } from './store.ts'

/** Days to keep ended attempts; the audit keeps what happened. */
const keepDays = 30

/** Most rows of a kind in one sweep, and in one transaction; the next sweep continues. */
const most = 1_000
const partSize = 200

type Kind = 'expired' | 'unwatched' | 'overdue' | 'planned' | 'abandoned' | 'deleted'

/** A part of the sweep. @param failures collects errors that do not stop the rest @returns how many it handled */
type Look = (store: Store, failures: unknown[]) => Promise<number>

const looks: Record<Kind, Look> = {
  expired: (store) => expireSome(store),
  unwatched: async (store, failures) => inParts(await unwatched(store), (part) => watchAgain(store, part), failures),
  overdue: async (store, failures) => inParts(await overdue(store), (part) => refreshAgain(store, part), failures),
  planned: async (store, failures) => inParts(await unplanned(store), (part) => planAgain(store, part), failures),
  abandoned: async (store, failures) => inParts(await abandoned(store), (part) => settleAgain(store, part), failures),
  deleted: (store) => deleteOld(store, keepDays),
}

/**
 * @returns how many were handled, by kind
 * @throws AggregateError with all failures, once every part has run: none waits for another to be fixed
 */
export async function sweep(store: Store): Promise<Record<Kind, number>> {
  const found = { expired: 0, unwatched: 0, overdue: 0, planned: 0, abandoned: 0, deleted: 0 }
  const failures: unknown[] = []
  for (const [kind, look] of Object.entries(looks) as [Kind, Look][]) {
    const causes: unknown[] = []
    found[kind] = await look(store, causes).catch((error: unknown) => {
      causes.push(error)
      return 0
    })
    for (const cause of causes) failures.push(new Error(`The sweep of what is ${kind} failed`, { cause }))
  }
  if (failures.length > 0) throw new AggregateError(failures, 'A part of the sweep failed')
  return found
}

/** Handles rows in parts, each in its own transaction: a failed part does not affect the others (S14). */
async function inParts<Found>(
  found: readonly Found[],
  lookAfter: (part: readonly Found[]) => Promise<unknown>,
  failures: unknown[],
): Promise<number> {
  let done = 0
  for (let start = 0; start < found.length; start += partSize) {
    const part = found.slice(start, start + partSize)
    try {
      await lookAfter(part)
      done += part.length
    } catch (error) {
      failures.push(error)
    }
  }
  return done
}

/** Attempts whose check is overdue. */
export async function unwatched({ db }: Pick<Store, 'db'>): Promise<AttemptId[]> {
  return db.$queryRaw<AttemptId[]>`
    SELECT id, "accountId" FROM pms_connection_attempts
    WHERE (${inProgress} AND ${leaseEnd} <= ${now} - interval '5 seconds')
      OR (status = 'CHOOSING' AND "deadline" <= ${now} - interval '5 seconds')
    LIMIT ${most}`
}

async function watchAgain({ db, jobs }: Store, attempts: readonly AttemptId[]): Promise<void> {
  const all = attempts.map((attempt) => watchJob(attempt).data)
  await db.$transaction(async (tx) =>
    jobs.sendAll(
      tx,
      'watch-attempt',
      all.map((data) => ({ data })),
    ),
  )
}

interface Integration {
  id: string
}

/**
 * Keys whose refresh is long overdue: their jobs are lost, or wait for the end of an outage. In random order, so that
 * those that always fail hide no others.
 */
async function overdue({ db }: Store): Promise<Integration[]> {
  return db.$queryRaw<Integration[]>`
    SELECT id FROM pms_integrations
    WHERE status = 'ACTIVE' AND "refreshDueAt" <= ${now} - interval '1 hour'
    ORDER BY random() LIMIT 100`
}

/** At most once an hour each: its own job may still be waiting. */
async function refreshAgain({ db, jobs }: Store, integrations: readonly Integration[]): Promise<void> {
  const all = integrations.map(({ id }) => ({ data: { integrationId: id }, onceAnHour: id }))
  await db.$transaction(async (tx) => jobs.sendAll(tx, 'refresh-keys', all))
}

/** Keys in use without a planned refresh: connected by a version that did not refresh keys (F87). */
async function unplanned({ db }: Store): Promise<Integration[]> {
  return db.$queryRaw<Integration[]>`
    SELECT id FROM pms_integrations WHERE status = 'ACTIVE' AND "refreshDueAt" IS NULL LIMIT ${most}`
}

async function planAgain({ db, jobs }: Store, integrations: readonly Integration[]): Promise<void> {
  const ids = JSON.stringify(integrations.map(({ id }) => id))
  await db.$transaction(async (tx) => {
    const planned = await tx.$queryRaw<{ id: string; refreshIn: number }[]>`
      UPDATE pms_integrations SET "refreshDueAt" = ${refreshDue(Prisma.sql`"tokenExpiresAt"`)}
      WHERE id IN (SELECT each::uuid FROM json_array_elements_text(${ids}::json) AS each)
        AND status = 'ACTIVE' AND "refreshDueAt" IS NULL
      RETURNING id, ${secondsUntilDue} AS "refreshIn"`
    const all = planned.map(({ id, refreshIn }) => ({ data: { integrationId: id }, after: refreshIn }))
    await jobs.sendAll(tx, 'refresh-keys', all)
  })
}

interface Abandoned {
  id: bigint
  accountId: string
  attemptId: string | null
  secretArn: string | null
}

/** Keys left in Secrets Manager by deleted rows. */
async function abandoned({ db }: Store): Promise<Abandoned[]> {
  return db.$queryRaw<Abandoned[]>`
    SELECT id, "accountId", "attemptId", "secretArn" FROM pms_abandoned_secrets ORDER BY id LIMIT ${most}`
}

async function settleAgain({ db, jobs }: Store, found: readonly Abandoned[]): Promise<void> {
  const ids = JSON.stringify(found.map(({ id }) => String(id)))
  const known = (secretArn: string | null) => (secretArn === null ? {} : { secretArn })
  await db.$transaction(async (tx) => {
    const gone = await tx.$queryRaw<Abandoned[]>`
      DELETE FROM pms_abandoned_secrets
      WHERE id IN (SELECT each::bigint FROM json_array_elements_text(${ids}::json) AS each)
      RETURNING id, "accountId", "attemptId", "secretArn"`
    const settled = new Map(
      gone.map(({ accountId, attemptId, secretArn }) => {
        const data = { accountId, ...(attemptId === null ? known(secretArn) : {}) }
        return [JSON.stringify(data), { data }]
      }),
    )
    const released = gone.flatMap(({ accountId, attemptId, secretArn }) =>
      attemptId === null ? [] : [{ data: { accountId, attemptId, ...known(secretArn) } }],
    )
    await jobs.sendAll(tx, 'settle-secret', [...settled.values()])
    await jobs.sendAll(tx, 'release-grant', released)
  })
}
