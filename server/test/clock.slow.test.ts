import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { openStores } from './harness/open-stores.ts'
import { personOf } from './harness/person.ts'
import { databaseTime, startServer, type ServerProcess } from './harness/server-process.ts'
import { shiftedClock } from './harness/shifted-clock.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

let standIns: StandIns

beforeAll(async () => {
  standIns = await startStandIns(await reserveFreePort())
})
afterAll(() => standIns.stop())
beforeEach(() => standIns.reset())

const row = () => standIns.db.pmsIntegration.findFirstOrThrow()
const refreshes = () => standIns.sikka.calls.requestKey.refresh_key

/** A person whose token is good for that clock's next quarter of an hour. */
async function personAt({ origin }: ServerProcess, shift: number) {
  const now = Math.floor(Date.now() / 1000) + shift
  return personOf(origin, await standIns.identity.issueToken({ sub: randomUUID(), iat: now, exp: now + 15 * minute }))
}

/** What is to be so many seconds after now, by the database's clock, with a minute for the test itself. */
async function expectAfterNow(time: Date | string, seconds: number) {
  const left = (new Date(time).getTime() - (await databaseTime(standIns))) / 1000
  expect(left).toBeLessThanOrEqual(seconds + 1)
  expect(left).toBeGreaterThan(seconds - minute)
}

/** A day's keys, known where they end and refreshed in time. */
async function expectDayOfKeys() {
  const active = await row()
  await expectAfterNow(active.tokenExpiresAt, day)
  const dueIn = ((active.refreshDueAt?.getTime() ?? 0) - (await databaseTime(standIns))) / 1000
  expect(dueIn).toBeGreaterThan(0.74 * day)
  expect(dueIn).toBeLessThan(0.86 * day)
  await until(async () => (await standIns.currentVersion(active)) === active.secretVersionId)
  expect(await standIns.readSecret(active)).toMatchObject({ tokenExpiry: active.tokenExpiresAt.toISOString() })
}

/** Has the server look whether keys are to be refreshed, as it does when their job's time has come. */
async function callRefresh() {
  await standIns.db
    .$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE name = 'refresh-keys' AND state = 'created'`
}

const jobIsDone = async () => {
  const due = await standIns.db.$queryRaw<unknown[]>`
    SELECT 1 FROM pgboss.job WHERE name = 'refresh-keys' AND (state = 'active' OR state = 'created' AND start_after <= now())`
  return due.length === 0
}

describe.each([
  ['five minutes slow', -5 * minute],
  ['five minutes fast', 5 * minute],
  ['a day fast', day],
])('F90: a server whose clock is %s', (_, shift) => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await startServer(standIns, shiftedClock({ shift }))
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('connects a practice, with every time by the clock of the database', async () => {
    const person = await personAt(server, shift)
    const started = await person.client.pms.startConnection.mutate()
    await expectAfterNow(started.expiresAt, 10 * minute)
    standIns.sikka.setScenario({ exchangeDelayMs: 1_000 })
    await open(person.browser, await decide(person.browser, started.authorizationUrl))
    const connecting = await person.client.pms.connectionStatus.query()
    await expectAfterNow(connecting.timestamp, 0)
    await expectAfterNow(connecting.deadline ?? '', minute)
    const { attemptId } = started
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
    await expectDayOfKeys()
  })

  it('refreshes keys, which end by the clock of the database', async () => {
    await connect(await personAt(server, shift))
    await standIns.makeDue(await row())
    await callRefresh()
    await until(async () => (await row()).generation === 2)
    await expectDayOfKeys()
    expect(refreshes()).toBe(1)
  })

  it('judges tokens by its own clock, for there is no other, with an allowance of five seconds', async () => {
    const now = Math.floor(Date.now() / 1000) + shift
    const ask = async (claims: object) => {
      const authorization = `Bearer ${await standIns.identity.issueToken({ iat: now, exp: now + hour, ...claims })}`
      return (await fetch(`${server.origin}/api/pms/connection-status`, { headers: { authorization } })).status
    }
    expect([await ask({ exp: now - 2 }), await ask({ exp: now - 6 })]).toEqual([200, 401])
    expect([await ask({ nbf: now + 3 }), await ask({ nbf: now + 30 })]).toEqual([200, 401])
  })

  it('takes an attempt that is in time, and none that is late', async () => {
    const person = await personAt(server, shift)
    const back = async (left: string) => {
      const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
      await standIns.db.$executeRawUnsafe(
        `UPDATE pms_connection_attempts SET "expiresAt" = now() + interval '${left}' WHERE id = '${attemptId}'::uuid`,
      )
      return (await open(person.browser, await decide(person.browser, authorizationUrl))).path
    }
    expect(await back('30 seconds')).toContain('status=connecting')
    expect(await back('-1 second')).toContain('error=expired_state')
  })
})

describe('F91: a server whose clock is set while it runs', () => {
  let server: ServerProcess
  let times = 0
  beforeAll(async () => {
    server = await startServer(standIns, shiftedClock({ step: day }))
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** A day forward, and every second time back. */
  async function setClock() {
    times += 1
    server.kill('SIGUSR2')
    await server.printed(`the clock was set ${times} times`)
  }

  it.each([
    ['forward', 0],
    ['back', day],
  ])('a day %s during a refresh: the keys end when they end', async (_, shift) => {
    await connect(await personAt(server, shift))
    await standIns.makeDue(await row())
    server.lines.sikka.set({ kind: 'hang_answer', when: 'refresh_key' })
    await callRefresh()
    await server.lines.sikka.struck()
    await setClock()
    server.lines.sikka.heal()
    await until(async () => (await row()).generation === 2)
    await expectDayOfKeys()
    expect(refreshes()).toBe(1)
  })

  it('a day back between two refreshes: there is no further one, until the database says so', async () => {
    await setClock()
    await connect(await personAt(server, day))
    await standIns.makeDue(await row())
    await callRefresh()
    await until(async () => (await row()).generation === 2)
    await setClock()
    await callRefresh()
    await until(jobIsDone)
    expect(refreshes()).toBe(1)
    await standIns.makeDue(await row())
    await standIns.db.$executeRaw`
      INSERT INTO pgboss.job (name, data) SELECT 'refresh-keys', jsonb_build_object('integrationId', id) FROM pms_integrations`
    await until(async () => (await row()).generation === 3)
    expect(refreshes()).toBe(2)
    await expectDayOfKeys()
  })
})

/** Nobody's clock goes from 1:59 to 1:00 or to 3:00 in UTC; in Toronto both have happened this year. */
const hourTwice = ['2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z']
const hourNever = ['2026-03-08T06:59:59.999Z', '2026-03-08T07:00:00.000Z']
const zone = 'America/Toronto'

describe('F92: in a time zone with summer time, of the server and of the database', () => {
  let server: ServerProcess
  beforeAll(async () => {
    const name = new URL(standIns.databaseUrl).pathname.slice(1)
    await standIns.db.$executeRawUnsafe(`ALTER DATABASE "${name}" SET timezone = '${zone}'`)
    server = await startServer(standIns, { TZ: zone })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('an attempt lasts ten minutes, its work a minute and keys a day', async () => {
    const person = await personAt(server, 0)
    const started = await person.client.pms.startConnection.mutate()
    await expectAfterNow(started.expiresAt, 10 * minute)
    standIns.sikka.setScenario({ exchangeDelayMs: 1_000 })
    await open(person.browser, await decide(person.browser, started.authorizationUrl))
    await expectAfterNow((await person.client.pms.connectionStatus.query()).deadline ?? '', minute)
    expect(await outcomeOf(person, started.attemptId)).toMatchObject({ status: 'connected' })
    await expectDayOfKeys()
  })

  it.each([...hourTwice, ...hourNever])('%s is told as it is stored', async (time) => {
    const person = await personAt(server, 0)
    await connect(person)
    await standIns.db.$executeRaw`UPDATE pms_integrations SET "connectedAt" = ${time}::timestamptz`
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ connectedAt: time })
  })

  it.each([...hourTwice, ...hourNever])('%s is stored as it is said', async (time) => {
    const { TZ } = process.env
    try {
      process.env['TZ'] = zone
      await using stores = await openStores(standIns.databaseUrl)
      const { db, integrations } = stores
      expect(new Date(time).getHours()).not.toBe(new Date(time).getUTCHours())
      await connect(await personAt(server, 0))
      const { id, accountId, secretVersionId, ...lease } = {
        ...(await row()),
        secretArn: '',
        now: new Date(),
        keysMissing: false,
      }
      const keys = { secretVersionId, tokenExpiresAt: new Date(time) }
      await integrations.saveRefreshed({ ...lease, id, accountId, secretVersionId }, keys)
      expect((await row()).tokenExpiresAt.toISOString()).toBe(time)
      expect(
        await db.$queryRaw`SELECT "tokenExpiresAt" AT TIME ZONE 'UTC' = ${time.slice(0, -1)}::timestamp AS same
        FROM pms_integrations`,
      ).toEqual([{ same: true }])
    } finally {
      if (TZ === undefined) delete process.env['TZ']
      else process.env['TZ'] = TZ
    }
  })
})
