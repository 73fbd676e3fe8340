import { randomUUID } from 'node:crypto'
import { link, unlink, writeFile } from 'node:fs/promises'

/**
 * Makes a file that only we may read, with all of its text at once, unless there is one already: of any
 * number of processes that try, one gets true.
 */
export async function writeOnce(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, text, { flag: 'wx', mode: 0o600 })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
}
