import { beforeEach, describe, expect, it } from 'vitest'
import { isFromMemory, told } from './harness/asking.ts'
import { stage } from './harness/stage.ts'
import { startSystem, type System } from './harness/system.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()

beforeEach(async () => {
  await on.person.client.account.current.query()
})

const attemptRow = (id: string) => on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const exchanges = () => on.system.sikka.calls.requestKey.authorization_code
const unavailable = { data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 } }
const tryAgain = (attemptId: string) => `/agent/setup/pms?error=temporarily_unavailable&attempt=${attemptId}`
const readiness = async ({ origin }: System) => (await fetch(`${origin}/readyz`)).status

/** Started and allowed at Sikka: the callback address that the browser is about to open. */
async function allowed(who = on.person) {
  const started = await who.client.pms.startConnection.mutate()
  return { ...started, callback: await decide(who.browser, started.authorizationUrl) }
}

describe('the database gives a transaction up', () => {
  /** The next changes of an attempt into that status, so many of them, fail with that code of PostgreSQL's. */
  async function failing(into: string, code: string, { times = 2, atCommit = false } = {}): Promise<AsyncDisposable> {
    await on.system.db.$executeRaw`CREATE SEQUENCE test_failures`
    await on.system.db.$executeRawUnsafe(`
      CREATE FUNCTION test_fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('test_failures') <= ${times} THEN RAISE EXCEPTION 'scripted' USING ERRCODE = '${code}'; END IF;
        RETURN NEW;
      END
      $$`)
    await on.system.db.$executeRawUnsafe(`
      CREATE ${atCommit ? 'CONSTRAINT TRIGGER test_fail AFTER' : 'TRIGGER test_fail BEFORE'} INSERT OR UPDATE OF status
      ON pms_connection_attempts ${atCommit ? 'DEFERRABLE INITIALLY DEFERRED' : ''} FOR EACH ROW
      WHEN (NEW.status = '${into}') EXECUTE FUNCTION test_fail()`)
    return {
      [Symbol.asyncDispose]: async () => {
        await on.system.db.$executeRaw`DROP FUNCTION test_fail CASCADE`
        await on.system.db.$executeRaw`DROP SEQUENCE test_failures`
      },
    }
  }

  it.each([
    ['EXCHANGING', '40001', false],
    ['KEYS_RECEIVED', '40P01', false],
    ['STORING', '40001', false],
    ['STORING', '40P01', true],
    ['COMPLETED', '40001', false],
    ['COMPLETED', '40001', true],
  ])(
    'F65: on the way to %s, with %s (at COMMIT: %s): it is tried again, and completes',
    async (into, code, atCommit) => {
      const { callback, attemptId } = await allowed()
      await using _ = await failing(into, code, { atCommit })
      await open(on.person.browser, callback)
      expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
      expect(await on.system.db.$queryRaw`SELECT last_value > 2 AS "failedTwice" FROM test_failures`).toEqual([
        { failedTwice: true },
      ])
      expect(exchanges()).toBe(1)
      expect(await on.system.db.pmsAuditEvent.count({ where: { attemptId } })).toBe(3)
    },
  )

  it('F65: at the claim: it asks to try again, and the same callback then works', async () => {
    const { callback, attemptId } = await allowed()
    await using _ = await failing('CODE_RECEIVED', '40001', { times: 1 })
    expect((await open(on.person.browser, callback)).path).toBe(tryAgain(attemptId))
    expect((await attemptRow(attemptId)).status).toBe('CREATED')
    expect(exchanges()).toBe(0)
    await open(on.person.browser, callback)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
  })

  it('F65: at the start: 503, and pressing the button again works', async () => {
    await using _ = await failing('CREATED', '40P01', { times: 1, atCommit: true })
    await expect(on.person.client.pms.startConnection.mutate()).rejects.toMatchObject(unavailable)
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
  })

  it('F65: in one part of the sweep: the others are done all the same, and it is done by the next one', async () => {
    const { attemptId } = await allowed()
    await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE id = ${attemptId}::uuid`
    const { id: accountId } = await on.system.db.account.findFirstOrThrow()
    await on.system.db.pmsAbandonedSecret.create({ data: { accountId } })
    await using _ = await failing('EXPIRED', '40001', { times: 1 })
    await expect(on.system.sweep()).rejects.toMatchObject({
      errors: [expect.objectContaining({ message: 'The sweep of what is expired failed' })],
    })
    expect(await on.system.db.pmsAbandonedSecret.count()).toBe(0)
    expect((await attemptRow(attemptId)).status).toBe('CREATED')
    await on.system.sweep()
    expect((await attemptRow(attemptId)).status).toBe('EXPIRED')
  })

  it('F65: because of a deadlock with somebody else: it is tried again, and completes', async () => {
    await connect(on.person)
    on.system.lines.secretsManager.set({ kind: 'hang', when: 'PutSecretValue' })
    const { callback, attemptId } = await allowed()
    await open(on.person.browser, callback)
    await on.system.lines.secretsManager.struck()
    const waiting = async () => {
      const [row] = await on.system.db.$queryRaw<{ count: bigint }[]>`
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
      return row?.count === 1n
    }
    const startedAt = await on.system.db.pmsIntegration.findFirstOrThrow()
    await on.system.db.$transaction(
      async (tx) => {
        await tx.$executeRaw`SELECT 1 FROM pms_integrations FOR UPDATE`
        on.system.lines.secretsManager.heal()
        // It holds the attempt and waits for the integration; now the other way round.
        await on.system.until(waiting)
        await tx.$executeRaw`SELECT 1 FROM pms_connection_attempts WHERE id = ${attemptId}::uuid FOR UPDATE`
      },
      { timeout: 10_000 },
    )
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
    expect(await on.system.db.pmsIntegration.findFirstOrThrow()).toMatchObject({
      secretVersionId: attemptId,
      generation: startedAt.generation + 1,
    })
    const [{ deadlocks } = { deadlocks: 0n }] = await on.system.db.$queryRaw<{ deadlocks: bigint }[]>`
      SELECT pg_stat_get_db_deadlocks(oid) AS deadlocks FROM pg_database WHERE datname = current_database()`
    expect(deadlocks).toBe(1n)
  })
})

it('F66: an office that another account gets past the reservation is a conflict, and the keys are revoked', async () => {
  const other = await on.system.newPerson()
  await connect(other, 'D00002')
  on.system.lines.secretsManager.set({ kind: 'hang', when: 'CreateSecret' })
  const { callback, attemptId } = await allowed()
  await open(on.person.browser, callback)
  await on.system.lines.secretsManager.struck()
  await on.system.db.$executeRaw`UPDATE pms_integrations SET "officeId" = 'D00001'`
  const theirs = await on.system.db.pmsIntegration.findMany()
  on.system.lines.secretsManager.heal()
  expect(await outcomeOf(on.person, attemptId)).toMatchObject({
    status: 'failed',
    errorCode: 'CONFLICT',
    error: 'This practice is already connected to another account.',
  })
  expect(await on.system.db.pmsIntegration.findMany()).toEqual(theirs)
  await on.system.until(
    async () => on.system.sikka.calls.deleteRequestKey === 1 && on.system.sikka.calls.deleteRefreshKey === 1,
  )
  expect(await other.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
})

describe('no connection is left', () => {
  it('F63: because statements get no answer: 503 after two seconds, and others are taken once those are given up', async () => {
    await using starved = await startSystem()
    const person = await starved.newPerson()
    const { client } = person
    // Nor is the account looked up, which waits for a connection of its own.
    await starved.until(() => isFromMemory(starved.lines.database, () => told(starved, person)))
    // The pool's ten connections, and no other.
    starved.lines.database.set({ kind: 'hang', when: 'pms_audit_events', times: 10 })
    const poll = () => client.pms.history.query().catch((error: unknown) => error)
    const hanging = Array.from({ length: 10 }, poll)
    await starved.until(async () => starved.lines.database.strikes === 10)
    const late = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const startedAt = performance.now()
        return [await poll(), performance.now() - startedAt] as const
      }),
    )
    for (const [answer, milliseconds] of late) {
      expect(answer).toMatchObject(unavailable)
      // By a machine's clock, which may round a millisecond.
      expect(milliseconds).toBeGreaterThan(1_990)
      expect(milliseconds).toBeLessThan(4_000)
    }
    // The quickest, which the machine has kept waiting least: after two seconds, and not some time later.
    expect(Math.min(...late.map(([, milliseconds]) => milliseconds))).toBeLessThan(2_500)
    expect(await readiness(starved)).toBe(503)
    expect((await fetch(`${starved.origin}/livez`)).status).toBe(200)
    for (const answer of await Promise.all(hanging)) expect(answer).toMatchObject(unavailable)
    // Not healed: who hangs, hangs.
    expect(await client.pms.history.query()).toMatchObject({ events: [] })
    await starved.until(async () => (await readiness(starved)) === 200)
    starved.lines.database.heal()
  })
})

describe('a lock is held', () => {
  it('F68: statements end by their time limit with 503, it is not ready, and recovers', async () => {
    await using slow = await startSystem()
    const visitor = await slow.newPerson()
    const { attemptId, callback } = await allowed(visitor)
    await slow.db.$transaction(
      async (tx) => {
        await tx.$executeRaw`LOCK TABLE pms_connection_attempts IN ACCESS EXCLUSIVE MODE`
        const { client } = visitor
        const failures = [client.pms.startConnection.mutate(), client.pms.connectionStatus.query()].map((answer) =>
          answer.catch((error: unknown) => error),
        )
        expect((await open(visitor.browser, callback)).path).toBe(
          `/agent/setup/pms?status=connecting&attempt=${attemptId}`,
        )
        await slow.until(async () => (await readiness(slow)) === 503)
        for (const failure of await Promise.all(failures)) expect(failure).toMatchObject(unavailable)
      },
      { timeout: 20_000 },
    )
    await slow.until(async () => (await readiness(slow)) === 200)
    await slow.finishWork()
    expect((await slow.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id: attemptId } })).status).toBe('CREATED')
    await open(visitor.browser, callback)
    expect(await outcomeOf(visitor, attemptId)).toMatchObject({ status: 'connected' })
  })
})

describe('the primary takes no writes', () => {
  const database = ({ databaseUrl }: System) => new URL(databaseUrl).pathname.slice(1)
  const setReadOnly = ({ db, ...rest }: System, value: 'on' | 'off') =>
    db.$executeRawUnsafe(`ALTER DATABASE "${database({ db, ...rest })}" SET default_transaction_read_only = ${value}`)

  it('F67: 503 meanwhile, and not ready; when it takes them again, so do we, by new connections', async () => {
    await using failedOver = await startSystem()
    const visitor = await failedOver.newPerson()
    const { attemptId, callback } = await allowed(visitor)
    // Whatever is connected now goes; what comes next cannot write, and stays so for as long as it is kept.
    await setReadOnly(failedOver, 'on')
    await failedOver.db.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
    await failedOver.until(async () => (await readiness(failedOver)) === 503)
    // Connections that can only read are many now, and none of them idle for long.
    const polls = Array.from({ length: 20 }, () => visitor.client.pms.connectionStatus.query())
    expect(new Set((await Promise.all(polls)).map(({ status }) => status))).toEqual(new Set(['pending']))
    await expect(visitor.client.pms.startConnection.mutate()).rejects.toMatchObject(unavailable)
    expect((await open(visitor.browser, callback)).path).toBe(tryAgain(attemptId))
    await setReadOnly(failedOver, 'off')
    // Nobody has to ask whether it is ready, and nothing has to be idle: each failure takes one connection with it.
    let failures = 0
    while ((await open(visitor.browser, callback)).path === tryAgain(attemptId)) failures += 1
    expect(failures).toBeLessThanOrEqual(10)
    await failedOver.until(async () => (await readiness(failedOver)) === 200)
    expect(await outcomeOf(visitor, attemptId)).toMatchObject({ status: 'connected' })
  })
})
