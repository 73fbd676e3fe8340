import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { writeOnce } from '../write-once.ts'

const Record = z.object({ place: z.string().min(1), password: z.string().min(1) })

/** `place` may be relative to the checkout's folder, so that a checkout can be moved. */
export type Record = z.infer<typeof Record>

export function recordFile(home: string): string {
  return join(home, 'postgres-place')
}

/**
 * Which place the checkout's folder uses, undefined when it has none yet.
 * @throws when the record cannot be read; the message names it
 */
export async function readRecord(home: string): Promise<Record | undefined> {
  const text = await readIfThere(recordFile(home))
  if (text === undefined) return undefined
  try {
    return Record.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${recordFile(home)} is damaged. Remove it to begin with an empty database.`, { cause })
  }
}

/** False when another start has written one meanwhile. */
export async function writeRecord(home: string, record: Record): Promise<boolean> {
  return writeOnce(recordFile(home), JSON.stringify(record))
}

export async function removeRecord(home: string): Promise<void> {
  await rm(recordFile(home), { force: true })
}

/** Writes into a place which checkout it belongs to. */
export async function markPlace(path: string, home: string): Promise<void> {
  await writeFile(join(path, 'belongs-to'), home, { mode: 0o600 })
}

/** The folder of the checkout that a place belongs to; undefined while the place is being made. */
export async function homeOfPlace(path: string): Promise<string | undefined> {
  return readIfThere(join(path, 'belongs-to'))
}

/** Whether this folder's record names this place. */
export async function usesPlace(home: string, path: string): Promise<boolean> {
  const record = await readRecord(home).catch(() => undefined)
  return record !== undefined && resolve(home, record.place) === path
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
