import { existsSync } from 'node:fs'
import { cp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { binariesFor, findBinaries } from './binaries.ts'
import { openPlace } from './place.ts'
import { startPostgres } from './start.ts'
import { ask, setting } from './testing/ask.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const noNotice = (line: string) => expect.fail(line)
const isRoot = process.getuid?.() === 0

describe('the place of the data', () => {
  it('is in the folder when the account can enter it, closed to everybody else', async () => {
    await using folder = await temporaryFolder()
    const place = await openPlace(folder.path, noNotice)
    expect(place.path).toContain(folder.path)
    expect((await stat(place.data)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder.path, 'postgres-place'))).mode & 0o777).toBe(0o600)
  })

  it('is the same every time, for two that make it at once too', async () => {
    await using folder = await temporaryFolder()
    const [first, second] = await Promise.all([openPlace(folder.path, noNotice), openPlace(folder.path, noNotice)])
    expect(second).toEqual(first)
    expect(await openPlace(folder.path, noNotice)).toEqual(first)
  })

  it('is another one, and empty, when the old one is gone', async () => {
    await using folder = await temporaryFolder()
    const first = await openPlace(folder.path, noNotice)
    await rm(first.path, { recursive: true })
    const notices: string[] = []
    const second = await openPlace(folder.path, (line) => notices.push(line))
    expect(second.path).not.toBe(first.path)
    expect(notices).toEqual([expect.stringContaining(first.path)])
  })

  it('moves with the checkout', async () => {
    await using folder = await temporaryFolder()
    const before = join(folder.path, 'before')
    const after = join(folder.path, 'after')
    const first = await openPlace(before, noNotice)
    await rename(before, after)
    const second = await openPlace(after, noNotice)
    expect(second).toEqual({ ...first, path: first.path.replace(before, after), data: second.data })
  })
})

describe.runIf(isRoot)('under root, in a folder that no other account can enter', () => {
  it('keeps the data elsewhere, for this checkout alone', async () => {
    await using priv = await temporaryFolder(0o700)
    const folder = join(priv.path, 'clone/.sandbox')
    const notices: string[] = []
    const first = await startPostgres({ folder, keep: true, onNotice: (line) => notices.push(line) })
    const data = await setting(first.url, 'data_directory')
    await ask(first.url, 'CREATE TABLE note AS SELECT 42 AS answer')
    await first.close()
    expect(data).not.toContain(priv.path)
    expect(notices).toEqual([expect.stringContaining('cannot enter')])

    const second = await startPostgres({ folder, keep: true })
    expect(await ask(second.url, 'SELECT answer FROM note')).toEqual([{ answer: 42 }])
    await second.close()

    await rm(folder, { recursive: true })
    const anew = await startPostgres({ folder, keep: true })
    expect(await ask(anew.url, "SELECT to_regclass('note') AS note")).toEqual([{ note: null }])
    await anew.close()
    expect(existsSync(data)).toBe(false)
    await clear(folder)
  })

  it('does not give the data to a copy of the checkout', async () => {
    await using priv = await temporaryFolder(0o700)
    const original = join(priv.path, 'original')
    const copy = join(priv.path, 'copy')
    const first = await openPlace(original, () => undefined)
    await cp(original, copy, { recursive: true })
    const second = await openPlace(copy, () => undefined)
    expect(second.path).not.toBe(first.path)
    expect(await openPlace(original, noNotice)).toEqual(first)
    await clear(original)
    await clear(copy)
  })

  it('runs a copy of the programs when those in node_modules are out of reach', async () => {
    await using folder = await temporaryFolder()
    await using priv = await temporaryFolder(0o700)
    const packaged = findBinaries()
    const hidden = { ...packaged, folder: join(priv.path, 'native') }
    await cp(packaged.folder, hidden.folder, { recursive: true, verbatimSymlinks: true })
    const place = await openPlace(folder.path, noNotice)
    const bins = await Promise.all([1, 2].map(() => binariesFor(place.account, hidden, place.path)))
    expect(bins[0]).toContain(place.path)
    expect(bins[1]).toBe(bins[0])
  })

  /** What the next start of any checkout would do. */
  async function clear(folder: string): Promise<void> {
    const { path } = await openPlace(folder, () => undefined)
    await rm(path, { recursive: true })
  }
})

describe('a platform without binaries', () => {
  it('is named, with the way out', () => {
    expect(() => findBinaries('sunos-x64')).toThrow(
      'There is no embedded PostgreSQL for sunos-x64. Set DATABASE_URL to a PostgreSQL 15 or newer instead.',
    )
    expect(() => findBinaries('linux-riscv64')).toThrow('linux-riscv64')
    expect(() => findBinaries('win32-x64')).toThrow('win32-x64')
  })
})
