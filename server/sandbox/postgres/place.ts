import { randomBytes } from 'node:crypto'
import { chmod, lchown, lstat, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { type Account, chooseAccount, mayUse } from './account.ts'
import { homeOfPlace, markPlace, readRecord, recordFile, removeRecord, usesPlace, writeRecord } from './place-record.ts'

/** Where the databases of one checkout are. Only we write into `path`, only the account into `data`. */
export interface Place {
  readonly path: string
  readonly data: string
  readonly account: Account
  readonly password: string
}

export const placePrefix = 'pms-sandbox-postgres-'

/** Where places are, the best first: in the checkout's own folder, or where every account can enter. */
export function basesOfPlaces(home: string): string[] {
  return [...new Set([home, '/var/tmp', tmpdir()])]
}

/**
 * The place of `folder`'s databases, made when there is none. `<folder>/postgres-place` remembers its
 * random name and the password: a new checkout at an old path never meets the old one's data.
 * @throws when the place can no longer be used; the message says what to do
 */
export async function openPlace(folder: string, onNotice: (line: string) => void): Promise<Place> {
  await mkdir(folder, { recursive: true })
  const home = await realpath(folder)
  const record = await readRecord(home)
  if (record === undefined) return makePlace(home, onNotice)
  const path = resolve(home, record.place)
  if ((await isOurs(path)) && (await claim(path, home))) return reopen(home, path, record.password)
  onNotice(`The database in ${path} is gone, or another checkout's. Beginning with an empty one.`)
  await removeRecord(home)
  return makePlace(home, onNotice)
}

/** A folder, not a link, of this very user, where nobody else writes: names in /var/tmp are anyone's to take. */
export async function isOurs(path: string): Promise<boolean> {
  const [found, data] = await Promise.all([path, join(path, 'data')].map((name) => lstat(name).catch(() => undefined)))
  const ours = found?.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
  return ours === true && data?.isDirectory() === true
}

/** The account that owns the data: it stays the same even if a better one appears. */
export async function accountOf(path: string): Promise<Account> {
  const { uid, gid } = await lstat(join(path, 'data'))
  return uid === process.getuid?.() ? undefined : { uid, gid }
}

async function makePlace(home: string, onNotice: (line: string) => void): Promise<Place> {
  const account = await chooseAccount()
  for (const base of basesOfPlaces(home)) {
    const path = await makeFolder(base, account)
    if (path === undefined) continue
    const password = randomBytes(24).toString('base64url')
    if (!(await writeRecord(home, { place: base === home ? relative(home, path) : path, password }))) {
      // Another start was quicker: its place is the one.
      await rm(path, { recursive: true })
      return openPlace(home, onNotice)
    }
    // After the record: a place that says whose it is, and is not in that record, may be cleared away.
    await markPlace(path, home)
    if (base !== home) onNotice(`PostgreSQL's account cannot enter ${home}. The database is kept in ${path}.`)
    return { path, data: join(path, 'data'), account, password }
  }
  throw new Error(`PostgreSQL's account can enter none of ${basesOfPlaces(home).join(', ')}.`)
}

async function makeFolder(base: string, account: Account): Promise<string | undefined> {
  const path = await mkdtemp(join(base, placePrefix)).catch(() => undefined)
  if (path === undefined) return undefined
  const data = join(path, 'data')
  await mkdir(data, { mode: 0o700 })
  if (account) {
    await lchown(data, account.uid, account.gid)
    await chmod(path, 0o711)
  }
  if (await mayUse(account, data)) return path
  await rm(path, { recursive: true })
  return undefined
}

async function reopen(home: string, path: string, password: string): Promise<Place> {
  const data = join(path, 'data')
  const account = await accountOf(path)
  const isRoot = process.getuid?.() === 0
  if (isRoot === (account !== undefined) && (await mayUse(account, data))) return { path, data, account, password }
  throw new Error(
    `PostgreSQL can no longer use ${data}: its owner, or the rights of a folder above it, have changed. ` +
      `Undo that, or remove ${recordFile(home)} to begin with an empty database.`,
  )
}

/** A checkout that was moved takes its place along; one that was copied does not get the original's. */
async function claim(path: string, home: string): Promise<boolean> {
  const other = await homeOfPlace(path)
  if (other === home) return true
  if (other !== undefined && dirname(path) !== home && (await usesPlace(other, path))) return false
  await markPlace(path, home)
  return true
}
