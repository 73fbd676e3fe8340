/** An account that is removed, and servers that stop or hear nothing. */
import { listening } from '../poll.ts'
import { step, type ModelCommand } from '../step.ts'
import { serversHere } from '../world.ts'
import { serverAt } from './flow.ts'

/**
 * The account goes, with all its rows, in the middle of whatever it does (F71); a person who is new to the system takes
 * its place in the run. What it leaves in Secrets Manager has to go too (I7).
 */
export const removeAccount = (account: number): ModelCommand => ({
  check: () => true,
  toString: () => `removeAccount(account ${account})`,
  async run(model, world) {
    const person = world.people[account]
    const server = world.servers.slice(0, serversHere).find(({ lines }) => lines.database.fault === null)
    if (!person || !server) return
    const { id } = person
    await world.standIns.db.$executeRaw`DELETE FROM accounts WHERE id = ${id}::uuid`
    world.people[account] = await world.newSomeone(server)
    model.flows = model.flows.filter((flow) => flow.account !== account)
    const { memory } = model
    const others = <Row extends { accountId: string }>(rows: Row[]) => rows.filter(({ accountId }) => accountId !== id)
    if (memory.seen)
      memory.seen = {
        ...memory.seen,
        attempts: others(memory.seen.attempts),
        integrations: others(memory.seen.integrations),
        events: others(memory.seen.events),
      }
    await step(world, model, { accounts: [account] }, async () => undefined)
  },
})

/** SIGTERM: the server finishes what it can, hands back the rest, and another starts in its place. */
export const drain = (at: number): ModelCommand => ({
  check: () => true,
  toString: () => `drain(server ${at})`,
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () => {
      const server = serverAt(world, at)
      await server.drain()
      await world.crash(server)
      world.wasIll = true
    })
  },
})

/** The server's notifications are lost, and it cannot listen again until that is healed. */
export const deafen = (at: number): ModelCommand => ({
  check: () => true,
  toString: () => `deafen(server ${at})`,
  async run(model, world) {
    await step(world, model, { accounts: [] }, async () => {
      serverAt(world, at).lines.database.set({ kind: 'reset', when: listening })
      // Those of all servers: the others listen again at once.
      await world.standIns.db.$queryRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'pms-notices' AND datname = current_database()`
    })
  },
})
