import { expect, it } from 'vitest'
import type { Integrations } from '../store/open-store.ts'
import { refreshInTime, type RefreshOutcome } from './refresh-keys.ts'

/** Runs a refresh job with this outcome; `isDue` says whether the keys are still due afterwards. */
async function job(outcome: RefreshOutcome, isDue: boolean): Promise<void> {
  const integrations: Pick<Integrations, 'isRefreshDue'> = { isRefreshDue: async () => isDue }
  await refreshInTime(integrations as Integrations, async () => outcome, 'an integration')
}

it.each([
  ['refreshed', true],
  ['reconnect', true],
  ['superseded', true],
  ['idle', false],
] as const)('a refresh job is done when its refresh was %s', async (outcome, isDue) => {
  await expect(job(outcome, isDue)).resolves.toBeUndefined()
})

it('a refresh job is retried while another server is refreshing the keys', async () => {
  await expect(job('idle', true)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
})
