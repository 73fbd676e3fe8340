import { once } from 'node:events'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres, type Postgres } from '../postgres/start.ts'
import { ask } from '../postgres/testing/ask.ts'
import { temporaryFolder, type TemporaryFolder } from '../postgres/testing/temporary-folder.ts'
import { startFaultProxy, type FaultProxy } from './start.ts'

let folder: TemporaryFolder
let postgres: Postgres
beforeAll(async () => {
  folder = await temporaryFolder()
  postgres = await startPostgres({ folder: folder.path, keep: false })
  await ask(postgres.url, 'CREATE TABLE note (text text)')
})
afterAll(async () => {
  await postgres.close()
  await folder[Symbol.asyncDispose]()
})

const notes = async () => (await ask<{ text: string }>(postgres.url, 'SELECT text FROM note')).map(({ text }) => text)

interface Session extends AsyncDisposable {
  proxy: FaultProxy
  client: pg.Client
  url: string
}

/** A connected client, through a proxy. */
async function session(): Promise<Session> {
  await ask(postgres.url, 'TRUNCATE note')
  const { hostname: host, port } = new URL(postgres.url)
  const proxy = await startFaultProxy({ target: { host, port: Number(port) } })
  const url = new URL(postgres.url)
  url.port = String(proxy.port)
  const client = new pg.Client({ connectionString: url.href })
  client.on('error', () => undefined)
  await client.connect()
  const close = async () => {
    await proxy.close()
    await client.end()
  }
  return { proxy, client, url: url.href, [Symbol.asyncDispose]: close }
}

test('reset_answer at COMMIT: the client sees an error, the row is there', async () => {
  await using db = await session()
  db.proxy.set({ kind: 'reset_answer', when: 'COMMIT' })
  await db.client.query('BEGIN')
  await db.client.query('INSERT INTO note VALUES ($1)', ['committed'])
  await expect(db.client.query('COMMIT')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await notes()).toEqual(['committed'])
  expect(db.proxy.strikes).toBe(1)
})

test('reset at COMMIT: the client sees the same error, the row is not there', async () => {
  await using db = await session()
  db.proxy.set({ kind: 'reset', when: 'COMMIT' })
  await db.client.query('BEGIN')
  await db.client.query('INSERT INTO note VALUES ($1)', ['never'])
  await expect(db.client.query('COMMIT')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await notes()).toEqual([])
})

test('hang by what a bound parameter says; after heal the statement is carried out', async () => {
  await using db = await session()
  db.proxy.set({ kind: 'hang', when: 'slow \\w+' })
  await db.client.query('INSERT INTO note VALUES ($1)', ['quick'])
  const inserted = db.client.query('INSERT INTO note VALUES ($1)', ['slow one'])
  await db.proxy.struck()
  expect(await notes()).toEqual(['quick'])
  db.proxy.heal()
  expect((await inserted).rowCount).toBe(1)
  expect(await notes()).toEqual(['quick', 'slow one'])
})

test('hang_answer withholds a notification, and heal delivers it', async () => {
  await using db = await session()
  await db.client.query('LISTEN changes')
  const heard: unknown[] = []
  db.client.on('notification', ({ payload }) => heard.push(payload))
  db.proxy.set({ kind: 'hang_answer', times: 1 })
  await ask(postgres.url, "NOTIFY changes, 'attempt 1'")
  await db.proxy.struck()
  await ask(db.url, 'SELECT 1')
  expect(heard).toEqual([])
  const notified = once(db.client, 'notification')
  db.proxy.heal()
  await notified
  expect(heard).toEqual(['attempt 1'])
})

test('limit breaks a result off in the middle', async () => {
  await using db = await session()
  db.proxy.set({ kind: 'limit', bytes: 100_000, when: 'generate_series' })
  const broken = db.client.query('SELECT * FROM generate_series(1, 100000)')
  await expect(broken).rejects.toThrow('Connection terminated unexpectedly')
  expect(db.proxy.strikes).toBe(1)
})

test('cut ends a pool’s connections; after heal it finds new ones', async () => {
  await using db = await session()
  const pool = new pg.Pool({ connectionString: db.url, max: 1 })
  await pool.query('SELECT 1')
  const lost = once(pool, 'error')
  db.proxy.set({ kind: 'cut' })
  await lost
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  db.proxy.heal()
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await pool.end()
})
