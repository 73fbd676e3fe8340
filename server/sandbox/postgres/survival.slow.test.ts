import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { accountOf } from './place.ts'
import { runAs } from './account.ts'
import { binariesFor, findBinaries } from './binaries.ts'
import { reserveFreePort } from '../free-port.ts'
import { commandOfProcess } from './process-tag.ts'
import { startPostgres } from './start.ts'
import { ask, serverOf, setting } from './testing/ask.ts'
import { spawnOwner } from './testing/owner-process.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

/** Milliseconds. */
const soon = { timeout: 5_000, interval: 20 }

describe('the kept data has one owner', () => {
  it('refuses a second start while the first one lives, and names its process', async () => {
    await using folder = await temporaryFolder()
    await using owner = await spawnOwner({ folder: folder.path, keep: true })
    await expect(startPostgres({ folder: folder.path, keep: true })).rejects.toThrow(
      `is in use by process ${owner.pid}.`,
    )
    expect(await ask(owner.url, 'SELECT')).toHaveLength(1)
  })

  it('goes to the next start when the owner was killed', async () => {
    await using folder = await temporaryFolder()
    await using owner = await spawnOwner({ folder: folder.path, keep: true })
    await ask(owner.url, 'CREATE TABLE note AS SELECT 42 AS answer')
    await owner.kill()
    await using next = await startPostgres({ folder: folder.path, keep: true })
    expect(await ask(next.url, 'SELECT answer FROM note')).toEqual([{ answer: 42 }])
  })

  it('takes no notice of a lock whose pid belongs to another process by now', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'postgres.lock'), `${process.pid}-000000000000`)
    await using postgres = await startPostgres({ folder: folder.path, keep: true })
    expect(await ask(postgres.url, 'SELECT')).toHaveLength(1)
  })
})

describe('a server ends with its owner', () => {
  it.each([
    ['a throwaway one', false],
    ['a kept one', true],
  ])('%s, even when that was killed', async (_name, keep) => {
    await using folder = await temporaryFolder()
    await using owner = await spawnOwner({ folder: folder.path, keep })
    const { data, pid } = await serverOf(owner.url)
    await owner.kill()
    await vi.waitFor(async () => {
      expect(await commandOfProcess(pid)).toBeUndefined()
      expect(existsSync(join(data, 'postmaster.pid'))).toBe(false)
      expect(existsSync(data)).toBe(keep)
    }, soon)
  })
})

describe('what an earlier run left behind', () => {
  it('is stopped: a server whose owner and keeper were both killed', async () => {
    await using folder = await temporaryFolder()
    const data = await makeKeptData(folder.path)
    const leftover = await spawnServer(data)
    const left = once(leftover, 'exit')
    const notices: string[] = []
    await using postgres = await startPostgres({
      folder: folder.path,
      keep: true,
      onNotice: (line) => notices.push(line),
    })
    expect(await left).toEqual([0, null])
    expect(notices).toEqual(['Stopped the PostgreSQL that an earlier run had left behind.'])
    expect(await ask(postgres.url, 'SELECT')).toHaveLength(1)
  })

  it('is not confused with an innocent process that has its pid now', async () => {
    await using folder = await temporaryFolder()
    const data = await makeKeptData(folder.path)
    await writeFile(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n`)
    await using postgres = await startPostgres({ folder: folder.path, keep: true })
    expect(await ask(postgres.url, 'SELECT')).toHaveLength(1)
  })

  it('is removed: the data of a throwaway server whose owner was killed while it was made', async () => {
    await using folder = await temporaryFolder()
    const data = await makeKeptData(folder.path)
    const left = join(data, '..', 'throwaway.999999999-0123456789ab.0123456789ab')
    await writeFile(left, '')
    await using postgres = await startPostgres({ folder: folder.path, keep: true })
    expect(await setting(postgres.url, 'data_directory')).toBe(data)
    expect(existsSync(left)).toBe(false)
  })
})

async function makeKeptData(folder: string): Promise<string> {
  await using postgres = await startPostgres({ folder, keep: true })
  return (await serverOf(postgres.url)).data
}

/** A server as it is when nothing of its run but itself is left. */
async function spawnServer(data: string) {
  const place = join(data, '../..')
  const account = await accountOf(place)
  const port = String(await reserveFreePort())
  const binary = join(await binariesFor(account, findBinaries(), place), 'postgres')
  const options = ['-D', data, '-p', port, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
  const server = spawn(binary, options, { ...runAs(account), detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  for await (const line of server.stderr) {
    if (String(line).includes('ready to accept connections')) break
  }
  return server
}
