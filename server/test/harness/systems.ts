import { startSystem, type System } from './system.ts'
import { connect } from './visit.ts'

/**
 * Systems for tests that run at the same time. The AWS SDK reads its variables, which all of a process share, at its
 * first call: so each system makes one before the next is started.
 */
export async function startSystems(count: number): Promise<System[]> {
  const systems: System[] = []
  while (systems.length < count) {
    const system = await startSystem()
    await connect(await system.newPerson(), 'D00003')
    await system.reset()
    systems.push(system)
  }
  return systems
}
