import type { ConnectionStatus } from '@pms/shared/connection-status'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { getRequest, openAsker, type Asker } from '../bench/load.ts'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { pulse } from './harness/asking.ts'
import { accountIdOf, fillPractices } from './harness/many-practices.ts'
import { startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { unread } from './harness/unread.ts'
import { until } from './harness/until.ts'

/** so many come at once: what is not remembered has to be looked up within the two seconds that anybody waits */
const atOnce = 500

/** each with a page that waits for news */
const practices = 10_000

let standIns: StandIns
let server: ServerProcess
let port: number
let pages: { asker: Asker; token: string; revision: string }[]

beforeAll(async () => {
  standIns = await startStandIns(await reserveFreePort())
  const { issuer } = standIns.identity
  await fillPractices(standIns.databaseUrl, { practices, issuer, subject: 'practice ' })
  server = await startServer(standIns)
  port = Number(new URL(server.origin).port)
  pages = []
  while (pages.length < practices) {
    const opened = Array.from({ length: atOnce }, (_, index) => openPage(pages.length + index + 1))
    pages.push(...(await Promise.all(opened)))
  }
}, 120_000)
afterAll(async () => {
  for (const { asker } of pages) asker.close()
  await server[Symbol.asyncDispose]()
  await standIns.stop()
})

const address = '/api/pms/connection-status'

async function openPage(number: number) {
  const token = await standIns.identity.issueToken({ sub: `practice ${number}` })
  const asker = await openAsker(port)
  const { body } = await asker.ask(getRequest(address, token))
  return { asker, token, revision: (JSON.parse(body) as ConnectionStatus).revision }
}

/** Each page asks what is so now, so that all of it is remembered. */
async function askAll(): Promise<void> {
  for (let first = 0; first < practices; first += atOnce) {
    const some = pages.slice(first, first + atOnce)
    await Promise.all(some.map(({ asker, token }) => asker.ask(getRequest(address, token))))
  }
}

/** All pages wait for news. @returns their answers, when the server has all of the questions in its hands */
async function holdAll() {
  let told = 0
  const hold = async (page: (typeof pages)[number]) => {
    const query = `?after=${page.revision}&waitSeconds=25`
    const { body, at } = await page.asker.ask(getRequest(address + query, page.token))
    told += 1
    const { status, revision } = JSON.parse(body) as ConnectionStatus
    const isNews = revision !== page.revision
    page.revision = revision
    return { status, isNews, at }
  }
  const answers: ReturnType<typeof hold>[] = []
  for (let first = 0; first < practices; first += atOnce) {
    answers.push(...pages.slice(first, first + atOnce).map(hold))
    await until(async () => (await unread(port)) === 0)
  }
  const all = Promise.all(answers)
  // Said where they are awaited.
  all.catch(() => undefined)
  await fetch(`${server.origin}/livez`)
  expect(told).toBe(0)
  return { all, some: (from: number, to: number) => Promise.all(answers.slice(from - 1, to)), told: () => told }
}

const disconnect = (from: number, to: number) => standIns.db.$executeRaw`
  UPDATE pms_integrations SET status = 'INACTIVE'
  WHERE "accountId" BETWEEN ${accountIdOf(from)}::uuid AND ${accountIdOf(to)}::uuid`

/** Connections that have sent a LISTEN; one that has just been opened has not. */
const listeners = () => standIns.db.$queryRaw<{ pid: number; query: string }[]>`
  SELECT pid, query FROM pg_stat_activity
  WHERE application_name = 'pms-notices' AND datname = current_database() AND query <> ''`

it(`F13: ${practices} held requests all stay right while notices are lost, and none fails`, async () => {
  const { all, some, told } = await holdAll()
  const { database } = server.lines
  database.set({ kind: 'reset', when: 'LISTEN pms_changes' })
  await standIns.db.$queryRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'pms-notices' AND datname = current_database()`
  await database.struck()
  const lostAt = performance.now()
  await disconnect(1, 100)
  const news = { status: 'pending', isNews: true }
  for (const { at, ...answer } of await some(1, 100)) {
    expect(answer).toEqual(news)
    // They look for themselves each second, and not when their time is over.
    expect(at - lostAt).toBeLessThan(10_000)
  }
  expect(told(), 'those to whom nothing has happened are held').toBe(100)
  expect(await listeners()).toEqual([])

  database.heal()
  await until(async () => (await listeners()).some(({ query }) => query.includes(pulse)))
  await disconnect(101, 200)
  for (const { at: _, ...answer } of await some(101, 200)) expect(answer).toEqual(news)
  expect(told()).toBe(200)
  await disconnect(201, practices)
  for (const { at, ...answer } of await all) {
    expect(answer).toEqual(news)
    expect(at - lostAt, 'before its time was over').toBeLessThan(20_000)
  }
})

it(`F82: ${practices} held requests are answered with what they know when the server stops, which ends with 0 in time`, async () => {
  await askAll()
  const { all } = await holdAll()
  const askedAt = performance.now()
  server.kill('SIGTERM')
  for (const { at, ...answer } of await all) {
    expect(answer).toEqual({ status: 'pending', isNews: false })
    expect(at - askedAt).toBeLessThan(10_000)
  }
  expect(await server.ended).toBe(0)
  expect(performance.now() - askedAt).toBeLessThan(20_000)
  expect(server.output()).toContain('"stopped"')
})
