import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Identity, type IdentityOptions, startIdentity } from '../start.ts'
import { clientId } from './page.ts'

/** A provider with a key of its own, gone with its folder at the end of the `await using`. */
export async function temporaryIdentity(options: Partial<IdentityOptions> = {}): Promise<Identity> {
  const folder = await mkdtemp(join(tmpdir(), 'pms-identity-test-'))
  const remove = () => rm(folder, { recursive: true })
  try {
    const identity = await startIdentity({ folder, clientId, ...options })
    return { ...identity, [Symbol.asyncDispose]: () => identity.close().then(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}
