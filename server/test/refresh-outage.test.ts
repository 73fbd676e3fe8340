import { expect, it } from 'vitest'
import { alarmsIn } from './harness/log-lines.ts'
import { startSystem } from './harness/system.ts'
import { connect } from './harness/visit.ts'

it('F98, C40: Sikka is gone for 26 hours: the connection stays as it is, and recovers by itself', async () => {
  await using system = await startSystem()
  const person = await system.newPerson()
  await connect(person)
  const row = () => system.db.pmsIntegration.findFirstOrThrow()
  const status = () => person.client.pms.connectionStatus.query()
  const { id } = await row()
  await system.makeDue({ id })
  const job = async () => {
    const [found] = await system.db.$queryRaw<{ state: string; pause: number }[]>`
      SELECT state::text, EXTRACT(epoch FROM start_after - now())::float AS pause
      FROM pgboss.job WHERE name = 'refresh-keys'`
    return found
  }
  const letItCome = () =>
    system.db.$executeRaw`
      UPDATE pgboss.job SET start_after = now() WHERE name = 'refresh-keys' AND state IN ('created', 'retry')
      AND start_after > now()`
  const { leaseToken: _, ...before } = await row()
  const said = await status()
  expect(said).toMatchObject({ status: 'connected' })

  /** @returns seconds until it comes again */
  const failed = async (tries: number): Promise<number> => {
    await letItCome()
    await system.until(async () => system.log.some((line) => isFailure(line, tries)))
    // It is logged before it is written down.
    await system.until(async () => (await job())?.state === 'retry')
    return (await job())?.pause ?? 0
  }
  system.lines.sikka.set({ kind: 'cut' })
  for (const tries of [1, 2, 3]) expect(await failed(tries)).toBeGreaterThan(10)
  // Later and later, and half an hour at the most: so it has come by the end of the day.
  await system.db.$executeRaw`
    UPDATE pgboss.job SET retry_count = 52 WHERE name = 'refresh-keys' AND state = 'retry'`
  const pause = await failed(54)
  expect(pause).toBeGreaterThan(10 * 60)
  expect(pause).toBeLessThanOrEqual(30 * 60)
  // And whoever else looks makes no difference.
  for (let looks = 0; looks < 50; looks++) {
    await expect(system.refreshKeys(id)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  }
  const { leaseToken: __, ...after } = await row()
  expect(after).toEqual(before)
  expect({ ...(await status()), timestamp: said.timestamp }).toEqual(said)
  expect(await system.db.pmsAuditEvent.count({ where: { event: 'RECONNECT_REQUIRED' } })).toBe(0)
  expect(alarmsIn(system.log)).toEqual([])
  // T8: what fails in the background sends nobody away.
  await expect((await system.newPerson()).client.pms.startConnection.mutate()).resolves.toBeDefined()

  // All its keys are over by now.
  await system.db.$executeRaw`UPDATE pms_integrations SET "tokenExpiresAt" = now() - interval '20 hours'`
  system.lines.sikka.heal()
  await system.until(async () => {
    await letItCome()
    return (await row()).generation > before.generation
  })
  expect(system.sikka.calls.requestKey).toMatchObject({ refresh_key: 1, request_key: 0 })
  const recovered = await row()
  expect(recovered).toMatchObject({ status: 'ACTIVE', lastError: null })
  expect(recovered.tokenExpiresAt.getTime()).toBeGreaterThan(Date.now() + 23 * 60 * 60 * 1000)
  expect({ ...(await status()), timestamp: said.timestamp }).toEqual(said)
})

function isFailure(line: string, tries: number): boolean {
  return line.includes('"job":"refresh-keys"') && line.includes(`"tries":${tries},`)
}
