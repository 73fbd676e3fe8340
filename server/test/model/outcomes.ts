/** What the runs have to meet, and how often: a model that never gets somewhere shows nothing of it. */
import type { AttemptSeen, Seen } from './observe.ts'

/** The minimum of each outcome in the nine runs of `pnpm test`: half of what they reached, and at least one. */
export const leastOfEach = {
  connected: 35,
  choosing: 5,
  conflict: 2,
  several: 1,
  unproven: 2,
  none: 1,
  denied: 1,
  declined: 1,
  expired: 3,
  'reconnect required': 1,
  disconnected: 1,
  'taken over after a crash': 1,
  replaced: 1,
}
export type Outcome = keyof typeof leastOfEach
const outcomes = Object.keys(leastOfEach) as Outcome[]

/** The same for the 600 runs of `pnpm test:slow`. Rare outcomes come from the examples, which are run once. */
export const leastOfMany: Record<Outcome, number> = {
  connected: 600,
  choosing: 150,
  conflict: 40,
  several: 1,
  unproven: 28,
  none: 9,
  denied: 4,
  declined: 3,
  expired: 180,
  'reconnect required': 9,
  disconnected: 34,
  'taken over after a crash': 2,
  replaced: 5,
}

/** How often each has been met. */
export type Met = Map<string, number>

/** @param orphans attempts whose server has died at work */
export function countOutcomes(met: Met, before: Seen, now: Seen, orphans: ReadonlySet<string>): void {
  const count = (outcome: Outcome): void => void met.set(outcome, (met.get(outcome) ?? 0) + 1)
  for (const attempt of now.attempts) {
    const was = before.attempts.find(({ id }) => id === attempt.id)
    if (was?.status === attempt.status) continue
    const outcome = outcomeOf(attempt, was)
    if (outcome) count(outcome)
    if (attempt.status === 'COMPLETED' && orphans.has(attempt.id)) count('taken over after a crash')
  }
  for (const row of now.integrations) {
    const was = before.integrations.find(({ accountId }) => accountId === row.accountId)
    if (was?.status === 'ACTIVE' && row.status === 'ACTIVE' && was.officeId !== row.officeId) count('replaced')
    if (was?.status === 'ACTIVE' && row.status === 'ERROR') count('reconnect required')
    if (was && was.status !== 'INACTIVE' && row.status === 'INACTIVE') count('disconnected')
  }
}

const ends: Partial<Record<string, Outcome>> = { COMPLETED: 'connected', CHOOSING: 'choosing', EXPIRED: 'expired' }

const failures: Partial<Record<string, Outcome>> = {
  CONFLICT: 'conflict',
  SEVERAL_PRACTICES: 'several',
  OFFICE_UNPROVEN: 'unproven',
  NO_PRACTICE: 'none',
}

function outcomeOf({ status, errorCode }: AttemptSeen, was: AttemptSeen | undefined): Outcome | undefined {
  if (status === 'FAILED') return failures[errorCode ?? '']
  if (status === 'CANCELLED') return was === undefined || was.status === 'CREATED' ? 'denied' : undefined
  return ends[status]
}

/** @returns a sentence for each outcome that was met less often than it has to be */
export function tooSeldom(met: Met, least: Readonly<Record<Outcome, number>>): string[] {
  return outcomes
    .filter((outcome) => (met.get(outcome) ?? 0) < least[outcome])
    .map((outcome) => `met "${outcome}" ${met.get(outcome) ?? 0} times, and has to meet it ${least[outcome]} times`)
}
