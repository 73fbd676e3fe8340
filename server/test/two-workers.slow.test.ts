import { expect, it } from 'vitest'
import { connectedPerson } from './harness/connected.ts'
import { startSystem } from './harness/system.ts'
import { startWorker } from './harness/two-servers.ts'
import { raceToRefresh } from './sized/refresh-race.ts'

it('F93, AT13, C38: 50 refreshes at once by two servers make one call to Sikka, 100 times', async () => {
  await using system = await startSystem()
  const workers = await Promise.all([startWorker(system), startWorker(system)])
  await connectedPerson(system)
  system.sikka.resetCalls()
  const byTheFirst = await raceToRefresh(system, workers, 100)
  // Both have tried in earnest.
  expect(byTheFirst).toBeGreaterThan(0)
  expect(byTheFirst).toBeLessThan(100)
  for (const worker of workers) await worker[Symbol.asyncDispose]()
}, 180_000)
