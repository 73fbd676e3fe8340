/** A page that waits. */
import type { ConnectionStatus } from '@pms/shared/connection-status'
import { demand } from '../invariants.ts'
import { step, type ModelCommand } from '../step.ts'
import { serverAt } from './flow.ts'

/** The account's page waits for a change, at a server of this process. */
export const hold = (account: number, at: number): ModelCommand => ({
  check: (model) => !model.isIll,
  toString: () => `hold(account ${account}, server ${at})`,
  async run(model, world) {
    const person = world.people[account]
    const server = serverAt(world, at)
    if (!person) return
    await step(world, model, { accounts: [] }, async () => {
      const over = new AbortController()
      const ask = async (query: string): Promise<ConnectionStatus> => {
        const response = await server.fetch(`${server.origin}/api/pms/connection-status${query}`, {
          headers: { authorization: `Bearer ${person.accessToken}` },
          signal: over.signal,
        })
        demand(response.ok, 'I12 a status could not be held', () => response.status)
        return (await response.json()) as ConnectionStatus
      }
      const { revision } = await ask('')
      const answered = ask(`?after=${revision}&waitSeconds=25`).catch(() => undefined)
      model.held.push({ accountId: person.id, server, revision, answered, letGo: () => over.abort() })
    })
  },
})
