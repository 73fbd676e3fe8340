import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Account, runAs } from './account.ts'
import { runningServer, stopLeftover } from './leftover.ts'
import { accountOf, basesOfPlaces, isOurs, type Place, placePrefix } from './place.ts'
import { homeOfPlace, usesPlace } from './place-record.ts'
import { isOrphan } from './process-tag.ts'

/**
 * Removes what killed processes left in this place (their throwaway servers, half-made copies), and the
 * places of checkouts that no longer exist. What is still in use waits for another start.
 */
export async function clearAway(place: Place, home: string): Promise<void> {
  await clearPlace(place)
  await clearForsakenPlaces(home)
}

async function clearPlace({ path, data, account }: Place): Promise<void> {
  for (const name of await readdir(data)) {
    if (!(await isOrphan(name))) continue
    await stopLeftover(join(data, name))
    await removeData([join(data, name)], account)
  }
  for (const name of await readdir(path)) {
    if (await isOrphan(name)) await rm(join(path, name), { recursive: true, force: true })
  }
}

async function clearForsakenPlaces(home: string): Promise<void> {
  for (const base of basesOfPlaces(home)) {
    for (const name of await readdir(base).catch(() => [])) {
      const path = join(base, name)
      if (name.startsWith(placePrefix) && (await isOurs(path)) && (await isForsaken(path))) await removePlace(path)
    }
  }
}

async function isForsaken(path: string): Promise<boolean> {
  const home = await homeOfPlace(path)
  return home !== undefined && !(await usesPlace(home, path))
}

async function removePlace(path: string): Promise<void> {
  const data = join(path, 'data')
  const folders = (await readdir(data)).map((name) => join(data, name))
  for (const folder of folders) {
    if (await runningServer(folder)) return
  }
  await removeData(folders, await accountOf(path))
  await rm(path, { recursive: true, force: true })
}

/**
 * As the account that owns them, so that a link planted in there leads no further than its own files. Where
 * a dying process still writes, the next start removes the rest.
 */
async function removeData(folders: string[], account: Account): Promise<void> {
  if (folders.length === 0) return
  await promisify(execFile)('rm', ['-rf', '--', ...folders], runAs(account)).catch(() => undefined)
}
