import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'hono'
import type { Calls } from './calls.ts'
import type { Codes } from './codes.ts'
import { refuse, type ErrorCode } from './errors.ts'
import type { Authorization, Ledger } from './ledger.ts'
import type { GlobalScenario, Scenario, SwitchName } from './scenario.ts'

/** What all routes of the stand-in share. */
export interface Cloud {
  application: { id: string; key: string }
  /** exact redirect URIs of the application; `loopback`: any http URL of this machine */
  redirectUris: readonly string[] | 'loopback'
  scenario: GlobalScenario
  ledger: Ledger
  codes: Codes
  calls: Calls
  now: () => Date
  /** Resolves when the ledger is on disk. */
  save: () => Promise<void>
}

/** The global scenario, with what was chosen on the page for this authorization. */
export function scenarioOf(cloud: Cloud, authorization: Authorization | undefined): Scenario {
  return { ...cloud.scenario.current, ...authorization?.chosen }
}

/**
 * @returns the error for an application that is not named (API1001, API1002), not ours (API2003), or one that the
 *   scenario refuses
 */
export function applicationError(cloud: Cloud, id: string | undefined, key: string | undefined): ErrorCode | undefined {
  if (!id) return 'API1001'
  if (!key) return 'API1002'
  const { application } = cloud.scenario.current
  if (application === 'not_allowed') return 'API2004'
  const isKnown = application === 'accepted' && id === cloud.application.id && key === cloud.application.key
  return isKnown ? undefined : 'API2003'
}

type ErrorSwitch = Extract<SwitchName, `${string}Error`>

/** Whether what the scenario has for this call still holds: always, or for the first call of an authorization alone. */
export function lasts(scenario: Scenario, name: SwitchName, authorization: Authorization | undefined): boolean {
  if (scenario.errorFor === 'first_call' && authorization?.failedOnce.has(name)) return false
  authorization?.failedOnce.add(name)
  return true
}

/** The error that the scenario has for this call, if any. */
export function chosenError(
  scenario: Scenario,
  name: ErrorSwitch,
  authorization: Authorization | undefined,
): ErrorCode | undefined {
  const code = scenario[name]
  return code !== 'none' && lasts(scenario, name, authorization) ? code : undefined
}

/** Answers with an error, worded as the scenario says. */
export function refuseAs(scenario: Scenario, code: ErrorCode): Response {
  return refuse(code, scenario.errorShape, scenario.rateLimitResetSeconds)
}

/** Waits so many milliseconds, or until the connection is cut and nobody waits for the answer any more. */
export async function pause(c: Context, milliseconds: number): Promise<void> {
  if (milliseconds === 0) return
  await sleep(milliseconds, undefined, { signal: c.req.raw.signal }).catch(() => undefined)
}
