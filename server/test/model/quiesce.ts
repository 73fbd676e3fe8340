/** The end of every run: all that was wrong ends, time passes, and then everything has to be in order. */
import { demand } from './invariants.ts'
import { letGo } from './held.ts'
import type { Model } from './model.ts'
import { hasEnded, isInProgress, type Seen } from './observe.ts'
import { note, step } from './step.ts'
import {
  activeIsReadable,
  currentIsInUse,
  keysLive,
  keysOf,
  noCanary,
  nothingLeft,
  versionsCounted,
} from './stored-keys.ts'
import { isReachable } from './servers.ts'
import { serversHere, type World } from './world.ts'
import { connect, serverAt } from './commands/flow.ts'
import { passTime } from './commands/time.ts'

/** A job is done again so often before it counts as one that never comes to its end. */
const mostTries = 4

export async function quiesce(world: World, model: Model): Promise<void> {
  const look = (act: () => Promise<unknown>): Promise<{ seen: Seen }> =>
    step(world, model, { accounts: 'all', isUnpolled: true }, act)
  await look(async () => world.heal())
  // What still waits for an upstream that had failed goes with its server: others take it over.
  if (world.wasIll) {
    await look(async () => {
      const stuck = new Set([...(await world.inProgress()), ...world.pending].map(({ server }) => server))
      await world.renew(async (server) => stuck.has(server) || server.hasTripped() || !(await isReachable(server)))
    })
    world.wasIll = false
  }
  // Leases are over, and recovery takes what their workers have left.
  for (let tries = 0; ; tries++) {
    const { seen } = await look(async () => {
      await world.standIns.db
        .$executeRaw`UPDATE pms_connection_attempts SET "leaseUntil" = now() WHERE "leaseUntil" IS NOT NULL`
      await world.standIns.db.$executeRaw`UPDATE pms_integrations SET "leaseUntil" = NULL`
      await doJobs(world, ['watch-attempt'])
    })
    const left = seen.attempts.filter(isInProgress)
    if (left.length === 0) break
    demand(tries < mostTries, 'I7 an attempt is not recovered', () => left)
  }
  await settle(world, look)
  await inOrder(world, model)

  // Every choice and every return is too late: nothing is left of them.
  await look(async () => {
    await passTime(world, 700)
    await doJobs(world, ['watch-attempt'])
  })
  await settle(world, look)
  const seen = await inOrder(world, model)
  const live = seen.attempts.filter((attempt) => !hasEnded(attempt))
  demand(live.length === 0, 'I7 an attempt lives past its deadline', () => live)

  await refreshAll(world, model, look)
  // And it goes on: whoever is not connected can be.
  const free = model.accounts.findIndex((each) => each?.status !== 'ACTIVE')
  if (free >= 0) await connect(free, 0, 7 - free, 'plain').run(model, world)
  for (const { event } of model.memory.seen?.events ?? []) note(world, `event ${event}`)
  for (const { status, errorCode } of model.memory.seen?.attempts ?? []) note(world, `${status} ${errorCode ?? ''}`)
  letGo(model.held)
  await noCanary(world, world.newLog())
}

async function doJobs(world: World, kinds: readonly string[]): Promise<void> {
  const server = serverAt(world, 0)
  for (const job of await world.jobs.waiting()) {
    if (!kinds.includes(job.name) || world.jobs.isRunning(job)) continue
    world.ask(server, job.data.accountId, () => world.jobs.run(job, server))
  }
  await world.calm()
}

const settling = ['settle-secret', 'revoke-version', 'release-grant']

/** All jobs that look after keys are done, and none of them fails for ever. */
async function settle(world: World, look: (act: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
  await look(async () => serverAt(world, 1).jobs?.sweep())
  for (;;) {
    const waiting = (await world.jobs.waiting()).filter(({ name }) => settling.includes(name))
    if (waiting.length === 0) return
    const failing = waiting.find((job) => (world.jobs.failures(job)?.tries ?? 0) > mostTries)
    demand(
      !failing,
      'I7 a job never comes to its end',
      () => failing && { failing, why: String(world.jobs.failures(failing)?.error) },
    )
    await look(() => doJobs(world, settling))
  }
}

/** What holds when nothing is under way. */
async function inOrder(world: World, model: Model): Promise<Seen> {
  const seen = model.memory.seen
  if (!seen) throw new Error('Nothing was seen')
  demand(world.pending.size === 0, 'MODEL not quiet', () => world.pending.size)
  await activeIsReadable(world, seen, () => false)
  const secrets = await world.secrets.list()
  nothingLeft(secrets, seen)
  currentIsInUse(secrets, seen)
  await versionsCounted(world, secrets, seen, new Set())
  await keysLive(world, seen)
  const past = seen.attempts.filter(({ isOver }) => isOver)
  demand(past.length === 0, 'I7 an attempt lives past its deadline', () => past)
  return seen
}

/**
 * I9: with what is stored there are new keys to be had: from the refresh key, which nobody has revoked; by the secret key
 * where a refresh has been tried since it was stored, and may have spent it.
 */
async function refreshAll(
  world: World,
  model: Model,
  look: (act: () => Promise<unknown>) => Promise<{ seen: Seen }>,
): Promise<void> {
  for (const row of model.memory.seen?.integrations ?? []) {
    if (row.status !== 'ACTIVE') continue
    const before = await keysOf(world, row)
    const known = model.memory.refreshed.get(row.id)
    const isUnspent = known?.versionId === row.secretVersionId && known.times === (world.refreshes.get(row.id) ?? 0)
    const bySecretKey = world.standIns.sikka.calls.requestKey.request_key
    let outcome: string | undefined
    const { seen } = await look(async () => {
      await world.standIns.makeDue(row)
      outcome = await serverAt(world, serversHere - 1).jobs?.refreshKeys(row.id)
    })
    demand(outcome === 'refreshed', 'I9 the keys that are stored cannot be refreshed', () => ({ row, outcome }))
    demand(
      !isUnspent || world.standIns.sikka.calls.requestKey.request_key === bySecretKey,
      'I9 the stored refresh key is dead, and nobody has used it',
      () => row,
    )
    const now = seen.integrations.find(({ id }) => id === row.id)
    const after = now && (await keysOf(world, now))
    demand(
      after !== undefined && after.requestKey !== before?.requestKey,
      'I9 refreshed, and the keys are the same',
      () => now,
    )
  }
  const seen = model.memory.seen
  if (seen) {
    await settle(world, look)
    await keysLive(world, seen)
    currentIsInUse(await world.secrets.list(), seen)
  }
}
