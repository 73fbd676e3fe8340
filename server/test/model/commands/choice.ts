/** What a user does instead of choosing. */
import { demand } from '../invariants.ts'
import { step, type ModelCommand } from '../step.ts'
import { flowAt, serverAt } from './flow.ts'

/** Declines what an attempt offers; once its time is over, nothing comes of that. */
export const decline = (index: number, at: number): ModelCommand => ({
  check: (model) => model.flows.some(({ choices }) => choices.length > 0),
  toString: () => `decline(choosing flow ${index}, server ${at})`,
  async run(model, world) {
    const flow = flowAt(
      model.flows.filter(({ choices }) => choices.length > 0),
      index,
    )
    const person = flow && world.people[flow.account]
    if (!flow || !person) return
    const isOver = model.memory.seen?.attempts.find(({ id }) => id === flow.id)?.isOver ?? false
    const connection = model.accounts[flow.account]
    const server = serverAt(world, at)
    const { seen, isCertain } = await step(world, model, { accounts: [flow.account] }, async () => {
      world.ask(server, person.id, () =>
        world.as(person, server).client.pms.declineChoice.mutate({ attemptId: flow.id }),
      )
      return Promise.resolve()
    })
    const attempt = seen.attempts.find(({ id }) => id === flow.id)
    if (isOver) demand(attempt?.status !== 'CANCELLED', 'MODEL a choice was declined too late', () => attempt)
    if (isOver || !isCertain) return
    demand(attempt?.status === 'CANCELLED', 'MODEL a choice that was declined is open', () => attempt)
    const now = model.accounts[flow.account]
    demand(
      now?.status === connection?.status && now?.officeId === connection?.officeId,
      'MODEL declining changed the connection',
      () => ({ was: connection, is: now }),
    )
    world.met.set('declined', (world.met.get('declined') ?? 0) + 1)
  },
})
