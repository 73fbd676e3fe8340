import { expect } from 'vitest'
import type { System } from '../harness/system.ts'
import type { Worker } from '../harness/two-servers.ts'

/**
 * Both workers refresh the one connected practice, 25 times each at once: one call to Sikka, in each of so many rounds.
 * @returns how many rounds the first worker won
 */
export async function raceToRefresh(system: System, workers: readonly Worker[], rounds: number): Promise<number> {
  const row = () => system.db.pmsIntegration.findFirstOrThrow()
  const { id } = await row()
  let byTheFirst = 0
  for (let round = 1; round <= rounds; round++) {
    await system.makeDue({ id })
    const outcomes = await Promise.all(workers.map((worker) => worker.work({ refresh: id }, 25)))
    const kinds = outcomes.map((each) => [...new Set(each)].join())
    expect(kinds.toSorted()).toEqual(['idle', 'refreshed'])
    if (kinds[0] === 'refreshed') byTheFirst++
    expect(system.sikka.calls.requestKey).toMatchObject({ refresh_key: round, request_key: 0 })
  }
  expect(await row()).toMatchObject({ status: 'ACTIVE', generation: rounds + 1 })
  await system.until(async () => (await system.currentVersion(await row())) === (await row()).secretVersionId)
  return byTheFirst
}
