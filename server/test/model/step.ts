import type { AsyncCommand } from 'fast-check'
import {
  auditTells,
  busyAccounts,
  codesOnce,
  demand,
  endsStay,
  mayHaveChanged,
  oneActive,
  officesAllowed,
  oneEnding,
  othersStay,
  stepsForward,
} from './invariants.ts'
import type { Model, Outcome } from './model.ts'
import { troubles } from './model.ts'
import { observe, type Seen } from './observe.ts'
import { letGo } from './held.ts'
import { countOutcomes } from './outcomes.ts'
import { pollsForward } from './poll.ts'
import { activeIsReadable, currentNeverBack, versionsCounted } from './stored-keys.ts'
import type { World } from './world.ts'

export type ModelCommand = AsyncCommand<Model, World>

/** What a command may change, and whether it is one that must not change anything at all. */
interface Reach {
  accounts: readonly number[] | 'all'
  /** nobody asks how it stands */
  isUnpolled?: boolean
  /** input that cannot be trusted (I5) */
  isUnverified?: boolean
}

/**
 * Does one thing, waits until nothing is under way (or, with faults, for a moment), and looks whether everything
 * holds.
 * @returns what is seen then, and whether the model can say what has to have come of it
 */
export async function step(
  world: World,
  model: Model,
  { accounts, isUnpolled = false, isUnverified = false }: Reach,
  act: () => Promise<unknown>,
): Promise<{ seen: Seen; isCertain: boolean }> {
  const { memory } = model
  const before = memory.seen ?? (await observe(world))
  const wasQuiet = (memory.busy[0]?.size ?? 0) === 0
  const wasIll = world.isIll()
  const calls = sikkaCalls(world)
  await act()
  world.wasIll ||= wasIll || world.isIll()
  const isCalm = await world.calm()
  for (const { lines } of world.servers)
    for (const [name, { fault, strikes }] of Object.entries(lines))
      if (fault && strikes > 0) note(world, `looked while ${fault.kind} had struck ${name}`)
  // What ends while it is looked for was under way.
  const pending = [...world.pending]
  const seen = await observe(world)

  const touched = accounts === 'all' ? world.people.map(({ id }) => id) : accounts.map((each) => idOf(world, each))
  const busy = busyAccounts(pending, seen)
  const mayChange = mayHaveChanged(memory)
  if (!isUnverified) for (const id of touched) mayChange.add(id)
  memory.busy = [busy, ...memory.busy.slice(0, 1)]
  countOutcomes(world.met, before, seen, world.orphans)

  oneActive(seen)
  codesOnce(world)
  endsStay(before, seen)
  stepsForward(before, seen)
  othersStay(before, seen, mayChange, isUnverified ? 'I5' : 'I6')
  if (isUnverified && wasQuiet && isCalm && !wasIll && !world.wasIll)
    demand(sikkaCalls(world) === calls, 'I5 Sikka was called for input that cannot be trusted', () => [
      calls,
      sikkaCalls(world),
    ])
  officesAllowed(model, seen)
  oneEnding(seen)
  demand(seen.trespasses.length === 0, 'F85 F99 changed by a server that did not hold it', () => seen.trespasses)
  auditTells(seen)
  await checkSecrets(world, model, before, seen, busy)
  letGo(model.held, ({ server, accountId }) => !server.isAlive() || world.people.every(({ id }) => id !== accountId))
  const quiet = new Set(world.people.map(({ id }) => id).filter((id) => !mayChange.has(id) && !busy.has(id)))
  if (isUnpolled) memory.said.clear()
  else await pollsForward(world, model, seen, quiet, busy)
  memory.seen = seen
  adopt(world, model, seen)
  const [violation] = model.violations
  if (violation !== undefined) demand(false, violation, () => undefined)
  return { seen, isCertain: isCalm && wasQuiet && !wasIll && !world.isIll() }
}

/** What only a verified attempt may ask of Sikka. */
function sikkaCalls({ standIns }: World): string {
  const { requestKey, authorizedPractices, deleteRequestKey, deleteRefreshKey } = standIns.sikka.calls
  return JSON.stringify({ requestKey, authorizedPractices, deleteRequestKey, deleteRefreshKey })
}

export function idOf(world: World, account: number): string {
  const person = world.people[account]
  if (!person) throw new Error(`There is no account ${account}`)
  return person.id
}

/** Only when something was written since, in Secrets Manager or in a row. */
async function checkSecrets(
  world: World,
  { memory }: Model,
  before: Seen,
  seen: Seen,
  busy: ReadonlySet<string>,
): Promise<void> {
  const { CreateSecret, PutSecretValue, RestoreSecret, DeleteSecret, UpdateSecretVersionStage } =
    world.standIns.secretsManager.calls()
  const written = [CreateSecret, PutSecretValue, RestoreSecret, DeleteSecret, UpdateSecretVersionStage].join()
  if (written === memory.secretsWritten && JSON.stringify(before.integrations) === JSON.stringify(seen.integrations))
    return
  memory.secretsWritten = written
  const jobs = await world.jobs.waiting()
  const isSettling = (accountId: string) =>
    busy.has(accountId) || jobs.some(({ name, data }) => name === 'settle-secret' && data.accountId === accountId)
  await activeIsReadable(world, seen, isSettling)
  const secrets = await world.secrets.list()
  currentNeverBack(secrets, seen, memory)
  await versionsCounted(world, secrets, seen, busy)
}

/** From now on the model is where the system is: every check above has found that it may be there. */
function adopt(world: World, model: Model, seen: Seen): void {
  model.accounts = world.people.map(({ id }) => {
    const row = seen.integrations.find(({ accountId }) => accountId === id)
    return row && { status: row.status, officeId: row.officeId }
  })
  const connected = [...seen.integrations, ...seen.attempts.filter(({ status }) => status === 'COMPLETED')]
  for (const { officeId, accountId } of connected) {
    if (officeId === null) continue
    const owners = model.memory.owners.get(officeId) ?? new Set()
    model.memory.owners.set(officeId, owners.add(accountId))
  }
  model.isIll = world.isIll()
  for (const { id, secretVersionId: versionId } of seen.integrations) {
    const known = model.memory.refreshed.get(id)
    if (known?.versionId !== versionId)
      model.memory.refreshed.set(id, { versionId, times: world.refreshes.get(id) ?? 0 })
  }
  for (const flow of model.flows) {
    const attempt = seen.attempts.find(({ id }) => id === flow.id)
    const choices = attempt?.status === 'CHOOSING' ? choicesOf(attempt.choices) : undefined
    flow.choices = choices?.offered ?? []
    flow.replaces = choices?.replaces?.officeId
  }
}

function choicesOf(choices: unknown): { offered: { id: string; officeId: string }[]; replaces?: { officeId: string } } {
  return choices as { offered: { id: string; officeId: string }[]; replaces?: { officeId: string } }
}

export function note({ met }: World, what: string): void {
  met.set(what, (met.get(what) ?? 0) + 1)
}

/** An attempt came to what the model expects of it; after trouble it may also have failed of that. */
export function cameTo(world: World, seen: Seen, attemptId: string, expected: Outcome): void {
  const attempt = seen.attempts.find(({ id }) => id === attemptId)
  const isExpected =
    attempt?.status === expected.status &&
    (expected.errorCode === undefined || attempt.errorCode === expected.errorCode)
  note(world, `expected ${expected.status} ${expected.errorCode ?? ''}`)
  const isTrouble = world.wasIll && attempt?.status === 'FAILED' && troubles.has(attempt.errorCode ?? '')
  demand(isExpected || isTrouble, 'MODEL an attempt came to something else', () => ({ expected, attempt }))
}
