/** Time that passes, by SQL; and what is done when it has: recovery, jobs, refreshes. */
import { demand } from '../invariants.ts'
import type { Model } from '../model.ts'
import { hasEnded, isInProgress } from '../observe.ts'
import type { HeldJob } from '../held-jobs.ts'
import type { Server } from '../servers.ts'
import { idOf, step, type ModelCommand } from '../step.ts'
import { serversHere, type World } from '../world.ts'
import { flowAt, serverAt } from './flow.ts'
import { sikkaIs } from './fault.ts'

/**
 * So many seconds pass for all rows: whatever has a time is that much older. But for a row that a held statement has
 * locked: nobody else can change that either.
 */
export async function passTime({ standIns: { db } }: World, seconds: number): Promise<void> {
  await db.$executeRaw`
    UPDATE pms_connection_attempts SET "expiresAt" = "expiresAt" - make_interval(secs => ${seconds}),
      "createdAt" = "createdAt" - make_interval(secs => ${seconds}),
      "claimedAt" = "claimedAt" - make_interval(secs => ${seconds}),
      "deadline" = "deadline" - make_interval(secs => ${seconds}),
      "leaseUntil" = "leaseUntil" - make_interval(secs => ${seconds})
    WHERE id IN (SELECT id FROM pms_connection_attempts WHERE "finishedAt" IS NULL FOR UPDATE SKIP LOCKED)`
  await db.$executeRaw`
    UPDATE pms_integrations SET "refreshDueAt" = "refreshDueAt" - make_interval(secs => ${seconds}),
      "leaseUntil" = "leaseUntil" - make_interval(secs => ${seconds})
    WHERE id IN (SELECT id FROM pms_integrations FOR UPDATE SKIP LOCKED)`
}

export const advanceClock = (seconds: number): ModelCommand => ({
  check: () => true,
  toString: () => `advanceClock(${seconds} s)`,
  async run(model, world) {
    await step(world, model, { accounts: 'all' }, () => passTime(world, seconds))
  },
})

/** One attempt's time is over, whichever it waits for. */
export const expire = (index: number): ModelCommand => ({
  check: (model) => model.memory.seen?.attempts.some((attempt) => !hasEnded(attempt)) ?? false,
  toString: () => `expire(live flow ${index})`,
  async run(model, world) {
    const flow = liveFlow(model, index)
    if (!flow) return
    await step(
      world,
      model,
      { accounts: [flow.account] },
      () => world.standIns.db.$executeRaw`
        UPDATE pms_connection_attempts SET "expiresAt" = now(), "deadline" = now() - interval '10 seconds'
        WHERE id IN (
          SELECT id FROM pms_connection_attempts WHERE id = ${flow.id}::uuid AND "finishedAt" IS NULL FOR UPDATE SKIP LOCKED)`,
    )
  },
})

function liveFlow(model: Model, index: number) {
  const live = model.flows.filter(({ id }) =>
    model.memory.seen?.attempts.some((attempt) => attempt.id === id && !hasEnded(attempt)),
  )
  return flowAt(live, index)
}

/** The look after an attempt that its worker has not renewed its lease on: dead, or just slow (F85). */
export const recover = (index: number, at: number): ModelCommand => ({
  check: (model) => model.memory.seen?.attempts.some(isInProgress) ?? false,
  toString: () => `recover(flow in progress ${index}, server ${at})`,
  async run(model, world) {
    const working = model.flows.filter(({ id }) =>
      model.memory.seen?.attempts.some((attempt) => attempt.id === id && isInProgress(attempt)),
    )
    const flow = flowAt(working, index)
    if (!flow) return
    await step(world, model, { accounts: [flow.account] }, async () => {
      await world.standIns.db.$executeRaw`
        UPDATE pms_connection_attempts SET "leaseUntil" = now()
        WHERE id IN (SELECT id FROM pms_connection_attempts WHERE id = ${flow.id}::uuid FOR UPDATE SKIP LOCKED)`
      watch(world, flow.id, idOf(world, flow.account), serverAt(world, at))
    })
  },
})

/** The look that comes anyway, without any need for it. */
export const look = (index: number, at: number): ModelCommand => ({
  check: (model) => model.flows.length > 0,
  toString: () => `look(flow ${index}, server ${at})`,
  async run(model, world) {
    const flow = flowAt(model.flows, index)
    if (!flow) return
    await step(world, model, { accounts: [flow.account] }, async () =>
      watch(world, flow.id, idOf(world, flow.account), serverAt(world, at)),
    )
  },
})

function watch(world: World, id: string, accountId: string, server: Server): void {
  // Whoever takes it over works on it from now on.
  world.ask(server, accountId, async () => {
    await server.jobs?.watchAttempt({ id, accountId })
    if (server.isAlive()) world.workers.set(id, server)
  })
}

/** Jobs of these kinds that wait are done, as `run-jobs.ts` does them: all at once. */
export const runJobs = (at: number, kinds: readonly HeldJob['name'][]): ModelCommand => ({
  check: () => true,
  toString: () => `runJobs(server ${at}, ${kinds.join(' ')})`,
  async run(model, world) {
    const jobs = (await world.jobs.waiting()).filter((job) => kinds.includes(job.name) && !world.jobs.isRunning(job))
    const ownerOf = ({ data }: HeldJob) =>
      data.accountId ?? model.memory.seen?.integrations.find(({ id }) => id === data.integrationId)?.accountId
    const accounts = [...new Set(jobs.map((job) => world.people.findIndex(({ id }) => id === ownerOf(job))))]
    const server = serverAt(world, at)
    await step(world, model, { accounts: accounts.filter((each) => each >= 0) }, async () => {
      for (const job of jobs) world.ask(server, ownerOf(job), () => world.jobs.run(job, server))
    })
  },
})

export const sweep = (at: number): ModelCommand => ({
  check: () => true,
  toString: () => `sweep(server ${at})`,
  async run(model, world) {
    const server = serverAt(world, at)
    await step(world, model, { accounts: 'all' }, async () => {
      world.ask(server, undefined, async () => server.jobs?.sweep())
    })
  },
})

/** How Sikka takes a refresh. */
export const refreshes = {
  well: {},
  refresh_key_refused: { refreshError: 'API1026' },
  both_refused: { refreshError: 'API2007', secretKeyError: 'API2007' },
  busy: { refreshError: 'API2006', secretKeyError: 'API2006' },
  limited: { refreshError: 'API2012', secretKeyError: 'API2012' },
  same_refresh_key: { refreshKey: 'stays' },
} as const
export type RefreshName = keyof typeof refreshes

/** The keys of an account are due, and a server refreshes them. */
export const refresh = (account: number, at: number, how: RefreshName): ModelCommand => ({
  check: (model) => model.accounts[account]?.status === 'ACTIVE',
  toString: () => `refresh(account ${account}, server ${at}, ${how})`,
  async run(model, world) {
    const { memory } = model
    const accountId = idOf(world, account)
    const before = memory.seen?.integrations.find((row) => row.accountId === accountId)
    if (!before) return
    const server = serverAt(world, at < serversHere ? at : 0)
    let outcome: string | undefined
    const { seen, isCertain } = await step(world, model, { accounts: [account] }, async () => {
      // But for a row that a held statement has locked: nobody else refreshes that one either.
      await world.standIns.db.$executeRaw`
        UPDATE pms_integrations SET "refreshDueAt" = now()
        WHERE id IN (SELECT id FROM pms_integrations WHERE id = ${before.id}::uuid FOR UPDATE SKIP LOCKED)`
      const isScripted = world.isScripted
      const asked = await sikkaIs(world, refreshes[how], async () =>
        world.ask(server, accountId, async () => {
          outcome = await server.jobs?.refreshKeys(before.id)
        }),
      )
      if (how === 'busy') world.wasIll = true
      await world.calm()
      if (asked.isOver) {
        world.standIns.sikka.resetScenario()
        world.isScripted = isScripted
      }
    })
    if (!isCertain || before.isLeased) return
    const row = seen.integrations.find((each) => each.id === before.id)
    const expected =
      how === 'both_refused' ? 'reconnect' : how === 'busy' || how === 'limited' ? undefined : 'refreshed'
    demand(outcome === expected || world.wasIll, 'MODEL a refresh came to something else', () => ({
      how,
      outcome,
      expected,
    }))
    if (outcome === 'refreshed')
      demand(
        row?.generation === before.generation + 1 && row.secretVersionId !== before.secretVersionId,
        'MODEL not refreshed',
        () => row,
      )
    if (outcome === undefined)
      demand(
        row?.status === 'ACTIVE' && row.secretVersionId === before.secretVersionId,
        'C40 a refresh that may be tried again has changed the row',
        () => row,
      )
  },
})
