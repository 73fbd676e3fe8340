import { byHand, type ByHand } from './by-hand.ts'
import type { Person } from './person.ts'
import { startSystem, type System } from './system.ts'
import { connect } from './visit.ts'
import { startWitness, type Witness } from './witness.ts'

type Row = Awaited<ReturnType<System['db']['pmsIntegration']['findFirstOrThrow']>>

/** A system in which a person has just connected a practice, and which sees all keys that come and go. */
export interface Connected {
  system: System
  witness: Witness
  secrets: ByHand
  /** who has connected D00001 */
  person: Person
  /** Everything from the start: nothing is left of the test before, and a new person has connected D00001. */
  begin: () => Promise<void>
  row: () => Promise<Row>
  /** the keys that the row points to; AWSCURRENT may follow a moment later */
  keys: () => Promise<Record<string, unknown>>
  status: () => ReturnType<Person['client']['pms']['connectionStatus']['query']>
  /** how often Sikka was asked for which grant since the practice was connected */
  grants: () => System['sikka']['calls']['requestKey']
  /** Makes the keys due, and refreshes them. @returns how it ended */
  refresh: () => Promise<string>
  /** Has jobs that failed come again now, and not after their pause. */
  letJobsCome: () => Promise<unknown>
  stop: () => Promise<void>
}

/** @throws {Error} when the practice cannot be connected */
export async function connectedPerson(system: System): Promise<Person> {
  const person = await system.newPerson()
  const { outcome } = await connect(person)
  if (outcome.status !== 'connected') throw new Error(`The practice was not connected: ${JSON.stringify(outcome)}`)
  return person
}

export async function startConnected(): Promise<Connected> {
  const witness = await startWitness()
  const system = await startSystem({ environment: { SIKKA_API_URL: witness.origin } })
  witness.sikkaIs(system.lines.sikka.origin)
  const secrets = byHand(system)
  let person = await connectedPerson(system)
  const row = () => system.db.pmsIntegration.findFirstOrThrow()
  return {
    system,
    witness,
    secrets,
    get person() {
      return person
    },
    async begin() {
      await system.reset()
      witness.forget()
      person = await connectedPerson(system)
      system.sikka.resetCalls()
    },
    row,
    async keys() {
      const present = await row()
      return secrets.read(present, present.secretVersionId)
    },
    status: () => person.client.pms.connectionStatus.query(),
    grants: () => system.sikka.calls.requestKey,
    async refresh() {
      const { id } = await row()
      await system.makeDue({ id })
      return system.refreshKeys(id)
    },
    // Not one that is under way: pg-boss would not take its result.
    letJobsCome: () =>
      system.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry' AND start_after > now()`,
    async stop() {
      secrets[Symbol.dispose]()
      await system.stop()
      await witness[Symbol.asyncDispose]()
    },
  }
}
