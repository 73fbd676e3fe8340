import type { AttemptStatus, AuditEvent } from '@pms/prisma/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { asks, hold, setOut, type Held, type Point, type Visit } from './harness/crash.ts'
import { lastEvents, violations, watchEndedAttempts } from './harness/invariants.ts'
import { personOf } from './harness/person.ts'
import { runProcess, type Running } from './harness/process.ts'
import { databaseTime, startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect, open, outcomeOf } from './harness/visit.ts'

const soon = '[\\s\\S]{0,400}'

/**
 * The ten points at which a server is killed: how it is held there, in what state it leaves the attempt, and how often
 * the code has been sent to Sikka by the end.
 */
const points = {
  F72: {
    at: 'the start committed, its answer not sent',
    held: 'answered',
    line: 'database',
    says: ({ accountId }: Visit) => `FROM started${soon}${accountId}[^]*COMMIT`,
    left: 'CREATED',
    sent: 0,
  },
  F73: {
    at: 'the callback arrived, its claim not committed',
    held: 'asking',
    line: 'database',
    says: ({ accountId }: Visit) => `"leaseToken" FROM taken${soon}${accountId}`,
    left: 'CREATED',
    sent: 1,
  },
  F74: {
    at: 'the claim committed (CODE_RECEIVED), the exchange not begun',
    held: 'asking',
    line: 'database',
    says: ({ attemptId }: Visit) => `SET status = 'EXCHANGING'${soon}${attemptId}`,
    left: 'CODE_RECEIVED',
    sent: 0,
  },
  F75: {
    at: 'EXCHANGING committed, the code not sent',
    held: 'asking',
    line: 'sikka',
    says: ({ code }: Visit) => code,
    left: 'EXCHANGING',
    sent: 0,
  },
  F76: {
    at: 'the code sent and spent, the answer not read',
    held: 'answered',
    line: 'sikka',
    says: ({ code }: Visit) => code,
    left: 'EXCHANGING',
    sent: 1,
  },
  F77: {
    at: 'the keys read, KEYS_RECEIVED not committed',
    held: 'asking',
    line: 'database',
    says: ({ attemptId }: Visit) => `SET status = 'KEYS_RECEIVED'${soon}${attemptId}`,
    left: 'EXCHANGING',
    sent: 1,
  },
  F78: {
    at: 'KEYS_RECEIVED committed, the practices not answered',
    held: 'answered',
    line: 'sikka',
    says: () => 'GET /v4/authorized_practices',
    left: 'KEYS_RECEIVED',
    sent: 1,
  },
  F79: {
    at: 'STORING committed, the secret not written',
    held: 'asking',
    line: 'secretsManager',
    says: ({ accountId }: Visit) => asks('CreateSecret', accountId),
    left: 'STORING',
    sent: 1,
  },
  F80: {
    at: 'the secret written, the row not ACTIVE',
    held: 'asking',
    line: 'database',
    says: ({ attemptId }: Visit) => `FROM active, completed${soon}${attemptId}`,
    left: 'STORING',
    sent: 1,
  },
  F81: {
    at: 'the row ACTIVE committed, AWSCURRENT still on the version before',
    held: 'asking',
    line: 'secretsManager',
    says: ({ accountId }: Visit) => asks('UpdateSecretVersionStage', accountId),
    left: 'COMPLETED',
    sent: 1,
  },
} as const satisfies Record<string, Point & { sent: 0 | 1 }>

type Name = keyof typeof points
const names = Object.keys(points) as Name[]
/** those whose attempt the next server ends by itself */
const claimed = names.slice(names.indexOf('F74'))
const titled = (some: readonly Name[]) => some.map((name) => [name, points[name].at] as const)
const officeOf = (name: Name) => `D02${name.slice(1)}`

/** The longest time from the kill to the end, milliseconds. */
const longest = 15_000

let system: StandIns
let survivor: Running
let dying: Record<Held, ServerProcess>
let visits: Record<Name, Visit>
let changedEnds: () => Promise<string[]>
let killedAt: number
/** in what state the attempts were after the kill, by their id */
let left: Map<string, AttemptStatus>
/** whose secret had been written by then */
let written: Name[]
/** the version with AWSCURRENT, of F81 */
let current: string | undefined
/** milliseconds from the kill until it was right */
let followedAfter: number

const attempt = (name: Name) =>
  system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id: visits[name].attemptId } })
const rowOf = (name: Name) =>
  system.db.pmsIntegration.findFirstOrThrow({ where: { accountId: visits[name].accountId } })
const outcome = (name: Name) => outcomeOf(here(name), visits[name].attemptId)
/** the person, who talks to the server that is left */
const here = (name: Name) => personOf(system.origin, visits[name].person.accessToken, visits[name].person.browser)

async function statuses(): Promise<Map<string, AttemptStatus>> {
  const rows = await system.db.pmsConnectionAttempt.findMany({ select: { id: true, status: true } })
  return new Map(rows.map(({ id, status }) => [id, status]))
}

// Two servers die at once, with ten attempts in their hands; then a third one starts.
beforeAll(async () => {
  system = await startStandIns(await reserveFreePort())
  changedEnds = await watchEndedAttempts(system)
  dying = { asking: await startServer(system), answered: await startServer(system) }
  const all: [Name, Visit][] = []
  for (const name of names) {
    const server = dying[points[name].held]
    const person = await system.newPerson()
    if (name === 'F81') {
      system.sikka.setScenario({ officeId: officeOf(name) })
      await connect(server.here(person))
    }
    all.push([name, await setOut(system, server, officeOf(name), { person })])
  }
  visits = Object.fromEntries(all) as Record<Name, Visit>
  const holdsOf = (how: Held) =>
    names
      .filter((name) => points[name].held === how)
      .map((name) => ({ line: points[name].line, says: points[name].says(visits[name]) }))
  const areHeld = [
    hold(dying.asking, 'asking', holdsOf('asking')),
    hold(dying.answered, 'answered', holdsOf('answered')),
  ]
  await goOn(names.filter((name) => name !== 'F81'))
  // Last, since two seconds later a job would do what it is held at.
  await goOn(['F81'])
  await until(() => areHeld.every((isHeld) => isHeld()))

  killedAt = await databaseTime(system)
  await Promise.all([dying.asking.crash(), dying.answered.crash()])
  left = await statuses()
  const secrets = await system.secretNames()
  written = names.filter((name) => secrets.some((secret) => secret.endsWith(visits[name].accountId)))
  current = await system.currentVersion(await rowOf('F81'))
  // That start was never answered: nobody but the database knows of it.
  const { accountId } = visits.F72
  const { id } = await system.db.pmsConnectionAttempt.findFirstOrThrow({
    where: { accountId },
    orderBy: { createdAt: 'desc' },
  })
  visits.F72.attemptId = id
  survivor = runProcess('server/src/main.ts', system.variables)
  await survivor.printed('"ready"')

  await until(async () => (await system.currentVersion(await rowOf('F81'))) === visits.F81.attemptId)
  followedAfter = (await databaseTime(system)) - killedAt
  await Promise.all(claimed.map(outcome))
})
afterAll(async () => {
  await survivor[Symbol.asyncDispose]()
  for (const server of Object.values(dying)) await server[Symbol.asyncDispose]()
  await system.stop()
})

/** The persons go on, until their attempts are in the state in which they are to be left. */
async function goOn(some: Name[]): Promise<void> {
  for (const name of some) {
    const { person, callback } = visits[name]
    const asked = name === 'F72' ? person.client.pms.startConnection.mutate() : open(person.browser, callback)
    asked.catch(() => undefined)
  }
  await until(async () => {
    const now = await statuses()
    return some.every((name) => now.get(visits[name].attemptId) === points[name].left)
  })
}

/** Its one last event, and no other; nothing more of it at Sikka. */
async function expectEnded(name: Name, event: AuditEvent): Promise<void> {
  expect(await lastEvents(system, visits[name].attemptId)).toEqual([event])
  expect(system.sikka.calls.exchangesByCode[visits[name].codeNumber] ?? 0).toBe(points[name].sent)
}

async function expectConnectsAgain(name: Name): Promise<void> {
  system.sikka.setScenario({ officeId: officeOf(name) })
  expect((await connect(here(name))).outcome).toMatchObject({ status: 'connected' })
}

it.each(titled(['F72']))('%s: killed with %s: the person begins again, and the attempt expires', async (name) => {
  expect(left.get(visits[name].attemptId)).toBe('CREATED')
  await expectConnectsAgain(name)
  const { attemptId } = visits[name]
  await system.db.$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE id = ${attemptId}::uuid`
  await system.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE data->>'attemptId' = ${attemptId}`
  await until(async () => (await attempt(name)).status === 'EXPIRED')
  await expectEnded(name, 'EXPIRED')
})

it.each(titled(['F73']))('%s: killed with %s: the callback is good at another server', async (name) => {
  expect(left.get(visits[name].attemptId)).toBe('CREATED')
  const { callback } = visits[name]
  await open(here(name).browser, callback.replace(dying.asking.origin, system.origin))
  expect(await outcome(name)).toMatchObject({ status: 'connected' })
  await expectEnded(name, 'CONNECTED')
})

it.each(titled(['F74', 'F75', 'F76', 'F77', 'F78', 'F79']))(
  '%s: killed with %s: the attempt is INTERRUPTED within 15 s, and the person connects again',
  async (name) => {
    expect(left.get(visits[name].attemptId)).toBe(points[name].left)
    expect(await outcome(name)).toMatchObject({
      status: 'failed',
      errorCode: 'INTERRUPTED',
      error: 'Failed to connect PMS. Please try again.',
    })
    const { status, finishedAt } = await attempt(name)
    expect(status).toBe('FAILED')
    expect((finishedAt?.getTime() ?? Infinity) - killedAt).toBeLessThan(longest)
    await expectEnded(name, 'FAILED')
    await expectConnectsAgain(name)
  },
)

it.each(titled(['F80', 'F81']))('%s: killed with %s: the practice is connected within 15 s', async (name) => {
  expect(left.get(visits[name].attemptId)).toBe(points[name].left)
  expect(written).toEqual(['F80', 'F81'])
  expect(current).not.toBe(visits.F81.attemptId)
  expect(await outcome(name)).toMatchObject({ status: 'connected' })
  const { status, finishedAt } = await attempt(name)
  expect(status).toBe('COMPLETED')
  expect((finishedAt?.getTime() ?? Infinity) - killedAt).toBeLessThan(longest)
  expect(followedAfter).toBeLessThan(longest)
  const row = await rowOf(name)
  expect(row).toMatchObject({ status: 'ACTIVE', officeId: officeOf(name), secretVersionId: visits[name].attemptId })
  expect(await system.readSecret(row)).toMatchObject({ officeId: officeOf(name) })
  expect(await system.currentVersion(row)).toBe(row.secretVersionId)
  await expectEnded(name, 'CONNECTED')
})

it('I1, I2, I3, I4, I7, I11: hold after all of it', async () => {
  await until(async () => (await violations(system)).length === 0)
  expect(await changedEnds()).toEqual([])
  expect(await system.db.pmsIntegration.count({ where: { status: 'ACTIVE' } })).toBe(names.length)
})
