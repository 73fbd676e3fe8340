/**
 * I1 to I12 (attacks-and-faults, section 3) as far as they hold at every moment, also in the middle of work and with
 * faults on. What holds only when all is quiet is in `quiesce.ts`.
 */
import { hasEnded, isInProgress, type AttemptSeen, type EventSeen, type IntegrationSeen, type Seen } from './observe.ts'
import type { Memory } from './memory.ts'
import type { Model } from './model.ts'
import type { Pending, World } from './world.ts'

class Violation extends Error {
  override readonly name = 'Violation'
}

export function demand(holds: boolean, invariant: string, what: () => unknown): asserts holds {
  if (holds) return
  throw new Violation(`${invariant}: ${text(what())}`)
}

/** I2: one ACTIVE an office and an account. */
export function oneActive({ integrations }: Seen): void {
  const active = integrations.filter(({ status }) => status === 'ACTIVE')
  const repeated = (key: (row: IntegrationSeen) => string) => new Set(active.map(key)).size < active.length
  demand(!repeated(({ officeId }) => officeId), 'I2 an office is ACTIVE twice', () => active)
  demand(!repeated(({ accountId }) => accountId), 'I2 an account is ACTIVE twice', () => active)
}

/** I3: no code is sent a second time. */
export function codesOnce({ standIns }: World): void {
  const { exchangesByCode } = standIns.sikka.calls
  demand(
    Object.values(exchangesByCode).every((times) => times <= 1),
    'I3 a code was exchanged again',
    () => exchangesByCode,
  )
}

/** I4: what has ended stays as it ended, and no attempt goes away. */
export function endsStay(before: Seen, now: Seen): void {
  const later = new Map(now.attempts.map((attempt) => [attempt.id, attempt]))
  for (const was of before.attempts) {
    const is = later.get(was.id)
    demand(is !== undefined, 'I4 an attempt is gone', () => was)
    if (!hasEnded(was)) continue
    const same =
      is.status === was.status && is.errorCode === was.errorCode && +(is.finishedAt ?? 0) === +(was.finishedAt ?? 0)
    demand(same, 'I4 an attempt that had ended has changed', () => ({ was, is }))
  }
}

/** The steps of an attempt; from where to where one statement after the other may have brought it. */
const order = ['CREATED', 'CODE_RECEIVED', 'EXCHANGING', 'KEYS_RECEIVED', 'CHOOSING', 'STORING'] as const

/** I4 as well: the state machine goes forward; only a choice leads back, from CHOOSING to KEYS_RECEIVED. */
export function stepsForward(before: Seen, now: Seen): void {
  const former = new Map(before.attempts.map((attempt) => [attempt.id, attempt]))
  for (const is of now.attempts) {
    const was = former.get(is.id)
    if (!was || hasEnded(is) || was.status === is.status) continue
    const [from, to] = [was, is].map(({ status }) => order.indexOf(status as (typeof order)[number]))
    const mayGoBack = was.status === 'CHOOSING' && is.status === 'KEYS_RECEIVED'
    demand((from ?? 0) < (to ?? 0) || mayGoBack, 'I4 an attempt went back', () => ({ was, is }))
  }
}

/** I5, I6: nothing of an account changes but by its own flows: `mayChange` are those that were acted on, or were at work. */
export function othersStay(before: Seen, now: Seen, mayChange: ReadonlySet<string>, invariant: 'I5' | 'I6'): void {
  const partOf = (seen: Seen, accountId: string) => ({
    attempts: seen.attempts.filter((each) => each.accountId === accountId),
    // A lease runs out by itself.
    integrations: seen.integrations
      .filter((each) => each.accountId === accountId)
      .map((each) => JSON.stringify(each, (name, value: unknown) => (name === 'isLeased' ? undefined : value))),
    // A refused callback is written down, and changes nothing (AT1).
    events: seen.events.filter((each) => each.accountId === accountId && each.event !== 'REJECTED'),
  })
  for (const accountId of new Set(before.attempts.concat(now.attempts).map((each) => each.accountId))) {
    if (mayChange.has(accountId)) continue
    const [was, is] = [partOf(before, accountId), partOf(now, accountId)]
    demand(text(was) === text(is), `${invariant} an account changed without a cause of its own`, () => ({ was, is }))
  }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each))
}

const endings: ReadonlySet<string> = new Set(['CONNECTED', 'FAILED', 'EXPIRED', 'CANCELLED', 'DENIED'])
const endingOf: Partial<Record<AttemptSeen['status'], readonly string[]>> = {
  COMPLETED: ['CONNECTED'],
  FAILED: ['FAILED'],
  EXPIRED: ['EXPIRED'],
  CANCELLED: ['CANCELLED', 'DENIED'],
}

/** I11: each attempt that has ended has its one last event, the others have none. */
export function oneEnding({ attempts, events }: Seen): void {
  const byAttempt = Map.groupBy(events, ({ attemptId }) => attemptId)
  for (const attempt of attempts) {
    const own = (byAttempt.get(attempt.id) ?? []).map(({ event }) => event)
    const ends = own.filter((event) => endings.has(event))
    const expected = endingOf[attempt.status]
    const isRight = expected ? ends.length === 1 && expected.includes(ends[0] ?? '') : ends.length === 0
    demand(isRight, 'I11 not exactly one last event of an ended attempt', () => ({ attempt, own }))
    demand(own.filter((event) => event === 'STARTED').length === 1, 'I11 not one STARTED', () => ({ attempt, own }))
    demand(own.filter((event) => event === 'AUTHORIZED').length <= 1, 'I11 claimed twice', () => ({ attempt, own }))
  }
}

const makes = { CONNECTED: 'ACTIVE', DISCONNECTED: 'INACTIVE', RECONNECT_REQUIRED: 'ERROR' } as const
const isTurn = ({ event }: EventSeen): boolean => event in makes

/** The audit tells how every connection stands, and which attempt's office it is. */
export function auditTells({ integrations, events, attempts }: Seen): void {
  for (const row of integrations) {
    const turns = events.filter((each) => each.accountId === row.accountId && isTurn(each))
    const last = turns.at(-1)
    demand(last !== undefined, 'I11 a connection without an event', () => row)
    demand(makes[last.event as keyof typeof makes] === row.status, 'I11 audit and connection differ', () => ({
      row,
      last,
    }))
    const connected = turns.findLast(({ event }) => event === 'CONNECTED')
    const attempt = attempts.find(({ id }) => id === connected?.attemptId)
    demand(attempt?.officeId === row.officeId, 'I11 it is not the practice that was connected last', () => ({
      row,
      attempt,
    }))
    const isRefreshed = events.some(
      ({ event, id, accountId }) => event === 'REFRESHED' && accountId === row.accountId && id > (connected?.id ?? 0n),
    )
    const hasOwnKeys = row.secretVersionId === attempt?.id
    demand(hasOwnKeys || isRefreshed, 'F99 these are not the keys of the newest consent', () => ({ row, attempt }))
    // Nobody here edits a secret by hand: keys that are in use can be read.
    demand(row.lastError !== 'KEYS_UNREADABLE', 'I1 keys in use were lost', () => row)
  }
}

/** I15: an ACTIVE office is one that its account has allowed at Sikka, or chosen from what it was offered. */
export function officesAllowed({ flows }: Model, { integrations, events }: Seen): void {
  for (const row of integrations) {
    if (row.status !== 'ACTIVE') continue
    const connected = events.findLast(({ event, accountId }) => event === 'CONNECTED' && accountId === row.accountId)
    const flow = flows.find(({ id }) => id === connected?.attemptId)
    demand(
      flow === undefined || flow.offices.includes(row.officeId),
      'I15 an office is connected that its account has neither allowed nor chosen',
      () => ({ row, offices: flow?.offices }),
    )
  }
}

/** Accounts that have something under way, or a job that may change them. */
export function busyAccounts(pending: Iterable<Pending>, { attempts }: Seen): Set<string> {
  const busy = new Set(attempts.filter(isInProgress).map(({ accountId }) => accountId))
  for (const { accountId } of pending) if (accountId !== undefined) busy.add(accountId)
  return busy
}

/** What was under way at the last two looks: a server that died may have sent its last statement just before. */
export function mayHaveChanged({ busy: [last, former] }: Memory): Set<string> {
  return new Set([...(last ?? []), ...(former ?? [])])
}
