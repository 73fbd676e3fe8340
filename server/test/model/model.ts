/** The small model: who is connected to what, and how far each attempt is. What it expects is what a user would. */
import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { Scenario as Switches } from '../../sandbox/sikka/scenario.ts'
import type { Held } from './held.ts'
import { memory, type Memory } from './memory.ts'

interface Connection {
  status: 'ACTIVE' | 'ERROR' | 'INACTIVE'
  officeId: string
}

/** An attempt, from `start` on. */
export interface Flow {
  id: string
  account: number
  authorizationUrl: string
  /** where Sikka has sent the browser, once it has */
  callback: string | undefined
  /** what the callback was answered first */
  location: string | undefined
  choices: { id: string; officeId: string }[]
  /** what Sikka has listed without naming an office */
  listed: readonly string[]
  replaces: string | undefined
  /** offices that its account has allowed, or chosen from what it was offered (I15) */
  offices: string[]
}

/** What an attempt that is not disturbed comes to. */
export interface Outcome {
  status: 'COMPLETED' | 'CHOOSING' | 'FAILED' | 'CANCELLED' | 'EXPIRED'
  errorCode?: ConnectionErrorCode
}

export interface Model {
  accounts: (Connection | undefined)[]
  flows: Flow[]
  /** requests that wait for a change */
  held: Held[]
  memory: Memory
  /** something is wrong that `heal` would end */
  isIll: boolean
  /** what went wrong outside of a step, in an answer that was waited for no longer */
  violations: string[]
}

export function newModel(accounts: number): Model {
  return {
    accounts: Array.from({ length: accounts }, () => undefined),
    flows: [],
    held: [],
    memory: memory(),
    isIll: false,
    violations: [],
  }
}

/** How Sikka treats an authorization; switches chosen on its page for this one alone. */
export const scenarios = {
  plain: {},
  refused: { code: 'refuse' },
  no_practice: { practices: 'none' },
  several: { practices: 'several', issuedTo: 'absent' },
  running: { exchangeKeys: 'running' },
  running_unnamed: { exchangeKeys: 'running', issuedTo: 'absent' },
  too_many: { practices: 'many', issuedTo: 'absent' },
  no_secret_key: { secretKey: 'absent' },
  html: { exchangeAnswer: 'html' },
  busy: { exchangeError: 'API2006' },
} as const satisfies Record<string, Partial<Switches>>
export type ScenarioName = keyof typeof scenarios

/** Offices that `several` lists besides the practice's own. */
const othersListed = ['D01001', 'D01002'] as const

const failures: Partial<Record<ScenarioName, ConnectionErrorCode>> = {
  refused: 'CODE_REJECTED',
  no_practice: 'NO_PRACTICE',
  too_many: 'SEVERAL_PRACTICES',
  no_secret_key: 'BAD_RESPONSE',
  html: 'BAD_RESPONSE',
  busy: 'PROVIDER_UNAVAILABLE',
}

/** What Sikka lists without naming the practice; nothing where it names it. */
export function listedUnnamed(officeId: string, scenario: ScenarioName): readonly string[] {
  if (scenario === 'running_unnamed') return [officeId]
  return scenario === 'several' ? [...othersListed, officeId] : []
}

/** What Allow comes to. */
export function afterAllow(
  model: Model,
  account: { index: number; id: string },
  officeId: string,
  scenario: ScenarioName,
): Outcome {
  const errorCode = failures[scenario]
  if (errorCode) return { status: 'FAILED', errorCode }
  const listed = listedUnnamed(officeId, scenario)
  if (isAnyOfOthers(model, account.id, listed)) return unproven
  return listed.length > 1 ? { status: 'CHOOSING' } : afterFound(model, account.index, officeId, undefined)
}

/** What the choice comes to. */
export function afterChoice(model: Model, flow: Flow, accountId: string, officeId: string): Outcome {
  const others = flow.listed.filter((each) => each !== officeId)
  if (isAnyOfOthers(model, accountId, others)) return unproven
  const outcome = afterFound(model, flow.account, officeId, flow.replaces)
  const isUnproven = flow.listed.length > 0 && isAnyOfOthers(model, accountId, [officeId])
  return isUnproven && outcome.errorCode !== 'CONFLICT' ? unproven : outcome
}

const unproven: Outcome = { status: 'FAILED', errorCode: 'OFFICE_UNPROVEN' }

/** AT31: one of these offices is, or ever was, another account's. */
function isAnyOfOthers({ memory: known }: Model, accountId: string, offices: readonly string[]): boolean {
  return offices.some((office) => [...(known.owners.get(office) ?? [])].some((owner) => owner !== accountId))
}

/** What comes of a practice that is found, or chosen. */
function afterFound(model: Model, account: number, officeId: string, mayReplace: string | undefined): Outcome {
  const isTaken = model.accounts.some(
    (each, index) => each?.status === 'ACTIVE' && index !== account && each.officeId === officeId,
  )
  if (isTaken) return { status: 'FAILED', errorCode: 'CONFLICT' }
  const own = model.accounts[account]
  const wouldReplace = own && own.status !== 'INACTIVE' && own.officeId !== officeId && own.officeId !== mayReplace
  return { status: wouldReplace ? 'CHOOSING' : 'COMPLETED' }
}

/** What a failure may say that an upstream's trouble has caused, now or shortly before. */
export const troubles: ReadonlySet<string> = new Set([
  'PROVIDER_UNAVAILABLE',
  'STORAGE_UNAVAILABLE',
  'INTERRUPTED',
  'INTERNAL',
])
