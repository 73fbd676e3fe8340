import { describe, expect, it } from 'vitest'
import { ConnectionFailure } from '../failure.ts'
import { checkStorage } from './check-storage.ts'
import type { Integrations } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'

/** The result of reading one of the most recently stored secrets. */
type Reading = 'read' | 'gone' | 'not ours' | 'refused' | 'away' | 'broken'

const failures: Partial<Record<Reading, Error>> = {
  'not ours': new ConnectionFailure('KEYS_UNREADABLE', 'not in our format'),
  refused: new ConnectionFailure('CONFIG', 'AccessDeniedException'),
  away: new ConnectionFailure('STORAGE_UNAVAILABLE', 'HTTP 503'),
  broken: new TypeError('demo'),
}

/** @returns how many secrets were read */
async function checked(...readings: Reading[]): Promise<number> {
  let reads = 0
  const integrations: Pick<Integrations, 'lastStored'> = {
    lastStored: async (count) =>
      readings.slice(0, count).map((_, index) => ({ secretArn: `arn:${index}`, secretVersionId: 'version' })),
  }
  const vault: Pick<Vault, 'checkAccess' | 'read'> = {
    checkAccess: async () => undefined,
    async read(secretArn) {
      reads += 1
      const reading = readings[Number(secretArn.slice('arn:'.length))] ?? 'gone'
      const failure = failures[reading]
      if (failure) throw failure
      return (reading === 'gone' ? undefined : {}) as Awaited<ReturnType<Vault['read']>>
    },
  }
  const parts = { vault: vault as Vault, integrations: integrations as Integrations }
  await checkStorage(parts, AbortSignal.timeout(5_000))
  return reads
}

describe('S12: the most recently stored secrets', () => {
  it.each([
    ['none is there yet', [], 0],
    ['the last one can be read', ['read', 'refused'], 1],
    ['one can be read, after two that are gone', ['gone', 'gone', 'read'], 3],
    ['the content is not in our format, but it could be read', ['not ours'], 1],
    ['the only one may have been deleted by hand', ['gone'], 1],
    ['AWS is unavailable, which proves nothing', ['away', 'away'], 2],
    ['one is gone and AWS is unavailable for the other', ['gone', 'away'], 2],
  ] satisfies [string, Reading[], number][])('S12: pass the check: %s', async (_, readings, reads) => {
    expect(await checked(...readings)).toBe(reads)
  })

  it.each([
    ['several are gone', ['gone', 'gone', 'gone'], 'not found; AWS_REGION, account or endpoint may be wrong'],
    ['the only one is refused', ['refused'], 'AccessDeniedException'],
    ['one is refused, one is gone', ['refused', 'gone'], 'AccessDeniedException'],
  ] satisfies [string, Reading[], string][])('S12: fail the check: %s', async (_, readings, why) => {
    const message = `The practices’ secrets cannot be read: ${why}`
    await expect(checked(...readings)).rejects.toMatchObject({ code: 'CONFIG', message })
  })

  it('S12: an error of another kind is passed on', async () => {
    await expect(checked('broken')).rejects.toThrow(TypeError)
  })
})
