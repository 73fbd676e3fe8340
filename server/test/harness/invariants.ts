import type { AuditEvent } from '@pms/prisma/client'
import type { StandIns } from './stand-ins.ts'

/** Each ends an attempt; there is to be exactly one of them for each. */
const terminal: AuditEvent[] = ['CONNECTED', 'FAILED', 'EXPIRED', 'CANCELLED', 'DENIED']

/**
 * Looks for what must not be, once every fault is over and the attempts have ended, in the database and behind it.
 * @returns a sentence for each violation, which begins with the invariant's name (docs/attacks-and-faults.md)
 */
export async function violations(system: StandIns): Promise<string[]> {
  const found = await Promise.all([activeRows(system), exchanges(system), leftovers(system), audit(system)])
  return found.flat()
}

async function activeRows(system: StandIns): Promise<string[]> {
  const rows = await system.db.pmsIntegration.findMany({ where: { status: 'ACTIVE' } })
  const found: string[] = []
  for (const row of rows) {
    const keys: Record<string, unknown> = await system.readSecret(row).catch((error: unknown) => ({ officeId: error }))
    // The row has the form that is compared, the secret what Sikka wrote (A11).
    if (String(keys['officeId']).toUpperCase() !== row.officeId)
      found.push(`I1: the row of ${row.officeId} leads to keys of ${String(keys['officeId'])}`)
    else if (!(await isAlive(system, String(keys['requestKey']))))
      found.push(`I1: the keys of ${row.officeId} are dead`)
    if (!(await isProven(system, row, String(keys['requestKey']))))
      found.push(`I15: the office ${row.officeId} is another account's, and its keys are of another office`)
    const current = await system.currentVersion(row).catch(String)
    if (current !== row.secretVersionId) found.push(`I1: AWSCURRENT of ${row.officeId} is on ${current}`)
  }
  for (const key of ['officeId', 'accountId'] as const) {
    const several = new Set(rows.map((row) => row[key])).size !== rows.length
    if (several) found.push(`I2: several ACTIVE rows of one ${key}`)
  }
  return found
}

async function isAlive({ sikka }: StandIns, requestKey: string): Promise<boolean> {
  const asked = await fetch(`${sikka.origin}/v4/request_key_info`, { headers: { 'Request-Key': requestKey } })
  await asked.body?.cancel()
  return asked.ok
}

/** Sikka knows which office a key is of, also where it has not said so. One that the user chose must have been nobody else's. */
async function isProven(
  { sikka, db }: StandIns,
  { officeId, accountId }: { officeId: string; accountId: string },
  requestKey: string,
): Promise<boolean> {
  const asked = await fetch(`${sikka.origin}/v4/request_key_info`, { headers: { 'Request-Key': requestKey } })
  const { issued_to: issuedTo } = (await asked.json()) as { issued_to?: string }
  if (issuedTo === undefined || issuedTo === officeId) return true
  const others = await db.pmsOfficeOwner.count({
    where: { officeKey: officeId.toUpperCase(), accountId: { not: accountId } },
  })
  return others === 0
}

async function exchanges({ sikka }: StandIns): Promise<string[]> {
  const counts = Object.entries(sikka.calls.exchangesByCode)
  return counts.filter(([, count]) => count > 1).map(([code, count]) => `I3: code ${code} was sent ${count} times`)
}

/** Beyond every time that an attempt has: sixty seconds, and ten for its last steps. */
async function leftovers({ db, secretNames, variables }: StandIns): Promise<string[]> {
  const prefix = variables['SECRET_NAME_PREFIX'] ?? 'parlae/pms/sikka/'
  const live = await db.$queryRaw<{ id: string; status: string }[]>`
    SELECT id, status::text FROM pms_connection_attempts
    WHERE status NOT IN ('CREATED', 'COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED') AND "deadline" + interval '10 seconds' <= now()`
  const inUse = await db.pmsIntegration.findMany({ where: { status: { in: ['ACTIVE', 'ERROR'] } } })
  const choosing = await db.pmsConnectionAttempt.findMany({ where: { status: 'CHOOSING' } })
  const needed = new Set([
    ...inUse.map(({ accountId }) => `${prefix}${accountId}`),
    ...choosing.map(({ id }) => `${prefix}attempts/${id}`),
  ])
  const orphans = (await secretNames()).filter((name) => !needed.has(name))
  return [
    ...live.map(({ id, status }) => `I7: attempt ${id} is still ${status}`),
    ...orphans.map((name) => `I7: nobody needs the secret ${name}`),
  ]
}

async function audit({ db }: StandIns): Promise<string[]> {
  const attempts = await db.pmsConnectionAttempt.findMany({ select: { id: true, status: true, finishedAt: true } })
  const events = await db.pmsAuditEvent.findMany({ where: { event: { in: terminal } }, select: { attemptId: true } })
  const count = (id: string) => events.filter(({ attemptId }) => attemptId === id).length
  return attempts
    .filter(({ id, finishedAt }) => count(id) !== (finishedAt ? 1 : 0))
    .map(({ id, status }) => `I11: attempt ${id}, ${status}, has ${count(id)} last events`)
}

/** The events that end an attempt, in their order. */
export async function lastEvents({ db }: Pick<StandIns, 'db'>, attemptId: string): Promise<AuditEvent[]> {
  const events = await db.pmsAuditEvent.findMany({
    where: { attemptId, event: { in: terminal } },
    orderBy: { id: 'asc' },
  })
  return events.map(({ event }) => event)
}

/**
 * From now on the database itself writes down every change of how an attempt ended (I4), by whomever.
 * @returns what has been written down so far
 */
export async function watchEndedAttempts({ db }: Pick<StandIns, 'db'>): Promise<() => Promise<string[]>> {
  await db.$executeRaw`CREATE TABLE test_changed_ends (what text NOT NULL)`
  await db.$executeRaw`
    CREATE FUNCTION test_note_changed_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO test_changed_ends VALUES (format('I4: %s was %s and became %s', OLD.id, OLD.status, NEW.status));
      RETURN NULL;
    END
    $$`
  await db.$executeRaw`
    CREATE TRIGGER test_note_changed_end AFTER UPDATE ON pms_connection_attempts FOR EACH ROW
    WHEN (OLD."finishedAt" IS NOT NULL AND (OLD.status, OLD."errorCode", OLD."finishedAt", OLD."officeId")
      IS DISTINCT FROM (NEW.status, NEW."errorCode", NEW."finishedAt", NEW."officeId"))
    EXECUTE FUNCTION test_note_changed_end()`
  return async () =>
    (await db.$queryRaw<{ what: string }[]>`SELECT what FROM test_changed_ends`).map(({ what }) => what)
}
