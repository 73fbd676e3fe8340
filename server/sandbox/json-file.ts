import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { randomUUID } from 'node:crypto'
import type * as z from 'zod'

/**
 * What the file holds, or undefined where there is no such file.
 * @throws {Error} naming the file when it cannot be read as `schema` says
 */
export async function readJsonFile<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${file} is not what the sandbox wrote; delete it to start afresh`, { cause })
  }
}

/** Replaces the file as a whole: who reads it, also after a kill, sees the old text or the new one. */
export async function writeJsonFile(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const temporary = `${file}.${randomUUID()}.tmp`
  await writeFile(temporary, JSON.stringify(value, undefined, 2), { mode: 0o600 })
  await rename(temporary, file)
}
