import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink } from 'node:fs/promises'
import { isRunning, ownTag } from './process-tag.ts'
import { writeOnce } from '../write-once.ts'

/**
 * Makes this process the owner of what `path` guards; a lock whose owner is gone is taken over.
 * @returns releases the lock; safe to call twice
 * @throws while the owner lives (this process counts); the message names its pid and the file
 */
export async function takeLock(path: string, guarded: string): Promise<() => Promise<void>> {
  const tag = await ownTag()
  if (!(await writeOnce(path, tag))) {
    const owner = await readFile(path, 'utf8').catch(() => '')
    if (await isRunning(owner)) throw inUse(path, guarded, owner)
    await dropStale(path, owner, guarded)
    if (!(await writeOnce(path, tag))) throw inUse(path, guarded, await readFile(path, 'utf8').catch(() => ''))
  }
  return async () => {
    const owner = await readFile(path, 'utf8').catch(() => undefined)
    if (owner === tag) await unlink(path)
  }
}

/** Moved aside first: if another process took the stale lock over meanwhile, it gets its own back. */
async function dropStale(path: string, stale: string, guarded: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  try {
    const moved = await readFile(aside, 'utf8')
    if (moved === stale) return
    await link(aside, path)
    throw inUse(path, guarded, moved)
  } finally {
    await unlink(aside)
  }
}

function inUse(path: string, guarded: string, owner: string): Error {
  const pid = Number.parseInt(owner, 10)
  return new Error(`${guarded} is in use by process ${pid}. Stop that process first. (Lock: ${path})`)
}
