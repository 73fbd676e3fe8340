import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openDatabase, type PrismaClient } from '@pms/prisma/client'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Database } from '../sandbox/postgres/database.ts'
import { systemClock } from '../src/clock.ts'
import { currentStatus, memory, type CurrentStatus } from '../src/connection/current-status.ts'
import { listenForChanges, type ChangeNotices } from '../src/store/change-notices.ts'
import { statusSource } from '../src/store/status.ts'
import { freshDatabase } from './harness/fresh-database.ts'
import { accountIdOf, fillPractices } from './harness/many-practices.ts'
import type { MemoryOrder, MemoryReport } from './harness/status-memory-process.ts'
import { until } from './harness/until.ts'

const practices = 100_000
const newest = memory.accounts + 1_000

let database: Database
let db: PrismaClient
let notices: ChangeNotices
let status: CurrentStatus
/** milliseconds by which the clock of the memory is ahead */
let ahead: number

beforeAll(async () => {
  database = await freshDatabase()
  await fillPractices(database.url, { practices })
  db = openDatabase(database.url)
  notices = listenForChanges(database.url, pino({ level: 'silent' }))
  await until(() => notices.isListening())
})
afterAll(async () => {
  await notices.close()
  await db.$disconnect()
  await database.drop()
})
beforeEach(async () => {
  await db.$executeRaw`UPDATE pms_integrations SET status = 'ACTIVE' WHERE status <> 'ACTIVE'`
  ahead = 0
  status = currentStatus(statusSource(db), notices, { now: () => systemClock.now() + ahead })
})

const said = async (index: number, attemptId?: string) =>
  (await status.read(accountIdOf(index), attemptId))?.said.status
/** Asks that, and says nothing of it where it needs a look-up. */
const remembered = (index: number, attemptId?: string) => {
  const answer = status.read(accountIdOf(index), attemptId)
  return answer instanceof Promise ? undefined : answer?.said.status
}
/** Of accounts in that order, a thousand at once. @returns all that was said */
async function askAll(from: number, to: number): Promise<Set<string | undefined>> {
  const all = new Set<string | undefined>()
  for (let first = from; first <= to; first += 1_000) {
    const some = Array.from({ length: Math.min(1_000, to + 1 - first) }, (_, index) => said(first + index))
    for (const each of await Promise.all(some)) all.add(each)
  }
  return all
}
/** @returns when it is heard that the account has changed */
const change = (index: number) => new Promise<void>((resolve) => void notices.subscribe(accountIdOf(index), resolve))

it(`of more than ${memory.accounts} accounts those that were asked for last are remembered, and all are told right`, async () => {
  expect(await askAll(1, newest)).toEqual(new Set(['connected']))
  const heard = change(newest)
  await db.$executeRaw`
    UPDATE pms_integrations SET status = 'INACTIVE'
    WHERE "accountId" IN (SELECT "accountId" FROM pms_integrations WHERE "officeId" = ANY(${[1, 1_000, 1_001, newest - 1].map((n) => `D${n}`)}))`
  await db.$executeRaw`UPDATE pms_integrations SET status = 'INACTIVE' WHERE "officeId" = ${`D${newest}`}`
  await heard
  // Nothing is remembered of those that were asked for first, and of those that have changed.
  for (const index of [1, 2, 999, 1_000, 1_001, newest - 1, newest])
    expect([index, remembered(index)]).toEqual([index, undefined])
  for (const index of [3_000, 10_000, newest - 2]) expect([index, remembered(index)]).toEqual([index, 'connected'])
  for (const index of [1, 1_000, 1_001, newest - 1, newest])
    expect([index, await said(index)]).toEqual([index, 'pending'])
  for (const index of [2, 999, 3_000, newest - 2]) expect([index, await said(index)]).toEqual([index, 'connected'])
})

it(`of more than ${memory.ofAccount} attempts of an account those that were asked for last are remembered`, async () => {
  const account = 30_001
  const ids = Array.from({ length: memory.ofAccount + 2 }, () => randomUUID())
  for (const id of ids) {
    const hashes = { nonceHash: Buffer.from(id), browserHash: Buffer.from(id) }
    await db.pmsConnectionAttempt.create({
      data: { id, accountId: accountIdOf(account), provider: 'SIKKA', ...hashes },
    })
  }
  const [first, ...others] = ids
  await until(async () => {
    for (const id of ids) expect(await said(account, id)).toBe('pending')
    return remembered(account, ids.at(-1)) !== undefined
  })
  const isRemembered = () => ids.map((id) => remembered(account, id) !== undefined)
  expect(isRemembered()).toEqual([false, false, true, true, true, true])
  await Promise.all(ids.slice(0, 2).map((id) => said(account, id)))
  const heard = change(account)
  await db.pmsConnectionAttempt.updateMany({ where: { id: first ?? '' }, data: { status: 'CANCELLED' } })
  await heard
  expect(isRemembered()).toEqual(ids.map(() => false))
  expect(await said(account, first)).toBe('failed')
  for (const id of others) expect(await said(account, id)).toBe('pending')
})

it('what nobody has told of, as a change past the triggers, is known after a minute', async () => {
  const account = 30_002
  await until(async () => {
    await said(account)
    return remembered(account) !== undefined
  })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('SET session_replication_role = replica')
  await client.query(`UPDATE pms_integrations SET status = 'INACTIVE' WHERE "officeId" = 'D${account}'`)
  await client.end()
  ahead = memory.ttl - 10_000
  expect(await said(account)).toBe('connected')
  ahead = memory.ttl
  expect(await said(account)).toBe('pending')
})

/** What one status takes with all that leads to it, at most; some 1,000 were measured. Bytes. */
const ofStatus = 2_048

it('a million questions of 100,000 accounts leave no more on the heap than what is remembered', async () => {
  const file = fileURLToPath(new URL('harness/status-memory-process.ts', import.meta.url))
  const child = fork(file, { execArgv: ['--expose-gc'] })
  const ended = once(child, 'exit')
  const order: MemoryOrder = { databaseUrl: database.url, questions: 1_000_000, accounts: practices, few: 10_000 }
  child.send(order)
  const [report] = (await Promise.race([once(child, 'message'), ended.then(() => [undefined])])) as [MemoryReport]
  await ended
  expect(report.wrong).toBe(0)
  // None for a question that is answered: at so many a second each would keep its answer for as long as it may wait.
  expect(report.timers).toBeLessThan(20)
  expect(report.lookUps).toBeGreaterThan(practices)
  expect(report.after - report.before).toBeLessThan(memory.accounts * ofStatus)
}, 90_000)
