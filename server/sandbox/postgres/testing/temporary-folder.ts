import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

/**
 * A folder for one test, gone at the end of its `await using`.
 * @param mode who may enter it; by default every account may
 */
export async function temporaryFolder(mode = 0o755): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'pms-postgres-test-')))
  await chmod(path, mode)
  // A server whose owner was killed in the test may still be writing its last.
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  return { path, [Symbol.asyncDispose]: remove }
}
