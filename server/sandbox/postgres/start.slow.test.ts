import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandOfProcess } from './process-tag.ts'
import { type Postgres, startPostgres } from './start.ts'
import { ask, connectGuest, serverOf, setting } from './testing/ask.ts'
import { type TemporaryFolder, temporaryFolder } from './testing/temporary-folder.ts'

describe('a throwaway server', () => {
  let folder: TemporaryFolder
  let postgres: Postgres
  beforeAll(async () => {
    folder = await temporaryFolder()
    postgres = await startPostgres({ folder: folder.path, keep: false })
  })
  afterAll(async () => {
    await postgres.close()
    await folder[Symbol.asyncDispose]()
  })

  it('is a real PostgreSQL, 15 or newer, with the database of the product in UTF-8', async () => {
    expect(Number(await setting(postgres.url, 'server_version_num'))).toBeGreaterThanOrEqual(150_000)
    expect(await setting(postgres.url, 'server_encoding')).toBe('UTF8')
    expect(new URL(postgres.url).pathname).toBe('/pms')
    expect(await ask(postgres.urlOf('postgres'), 'SELECT current_database() AS name')).toEqual([{ name: 'postgres' }])
  })

  it('delivers notifications to those who listen', async () => {
    const listener = new pg.Client({ connectionString: postgres.url })
    await listener.connect()
    const notified = once(listener, 'notification')
    await listener.query('LISTEN changes')
    await ask(postgres.url, "NOTIFY changes, 'attempt 1'")
    expect(await notified).toMatchObject([{ channel: 'changes', payload: 'attempt 1' }])
    await listener.end()
  })

  it('is reached over TCP of this machine alone, and with its password alone', async () => {
    expect(await setting(postgres.url, 'listen_addresses')).toBe('127.0.0.1')
    expect(await setting(postgres.url, 'unix_socket_directories')).toBe('')
    expect(await setting(postgres.url, 'password_encryption')).toBe('scram-sha-256')
    const guess = new URL(postgres.url)
    guess.password = 'postgres'
    await expect(ask(guess.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('has room for many connections and does without what protects from a loss of power', async () => {
    expect(await setting(postgres.url, 'max_connections')).toBe('200')
    expect(await setting(postgres.url, 'fsync')).toBe('off')
  })

  it('stands beside others of the same folder, a kept one too', async () => {
    await using another = await startPostgres({ folder: folder.path, keep: false })
    await using kept = await startPostgres({ folder: folder.path, keep: true })
    const servers = [postgres, another, kept]
    const places = await Promise.all(servers.map(({ url }) => setting(url, 'data_directory')))
    expect(new Set(places).size).toBe(3)
  })
})

describe('closing a throwaway server', () => {
  it('leaves neither process nor data, whoever is connected', async () => {
    await using folder = await temporaryFolder()
    const postgres = await startPostgres({ folder: folder.path, keep: false })
    const { data, pid } = await serverOf(postgres.url)
    await using guest = await connectGuest(postgres.url)
    await postgres.close()
    await postgres.close()
    expect(await guest.sentAway).toMatchObject({ code: '57P01' })
    expect(await commandOfProcess(pid)).toBeUndefined()
    expect(existsSync(data)).toBe(false)
  })
})

describe('the port', () => {
  it('is the one that is asked for; when it is taken, the error says so', async () => {
    await using folder = await temporaryFolder()
    await using other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const start = () => startPostgres({ folder: folder.path, keep: true, port })
    await expect(start()).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken.`)
    await other[Symbol.asyncDispose]()
    await using postgres = await start()
    expect(new URL(postgres.url).port).toBe(String(port))
  })
})

describe('a kept server', () => {
  it('keeps its data from run to run, safely', async () => {
    await using folder = await temporaryFolder()
    const first = await startPostgres({ folder: folder.path, keep: true })
    expect(await setting(first.url, 'fsync')).toBe('on')
    await ask(first.url, 'CREATE TABLE note AS SELECT 42 AS answer')
    await first.close()
    await using second = await startPostgres({ folder: folder.path, keep: true })
    expect(await ask(second.url, 'SELECT answer FROM note')).toEqual([{ answer: 42 }])
  })

  it('tells its owner when it ends by itself', async () => {
    await using folder = await temporaryFolder()
    const { promise: notice, resolve: onNotice } = Promise.withResolvers<string>()
    await using postgres = await startPostgres({ folder: folder.path, keep: true, onNotice })
    process.kill((await serverOf(postgres.url)).pid, 'SIGQUIT')
    expect(await notice).toContain('PostgreSQL ended by itself.')
  })
})
