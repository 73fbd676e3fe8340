import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Person } from './person.ts'
import { startSystem, type System } from './system.ts'

/** What the tests of a file stand on. */
export interface Stage {
  readonly system: System
  /** new for each test */
  readonly person: Person
}

/** A system for the tests of a file, which forgets for each what the one before has done, and a person who is new to it. */
export function stage(options?: Parameters<typeof startSystem>[0]): Stage {
  let system: System
  let person: Person
  beforeAll(async () => {
    system = await startSystem(options)
  })
  afterAll(() => system.stop())
  beforeEach(async () => {
    await system.reset()
    person = await system.newPerson()
  })
  return {
    get system() {
      return system
    },
    get person() {
      return person
    },
  }
}
