import type { Context } from 'hono'
import { answer } from './answer.ts'
import { countExchange } from './calls.ts'
import { chosenError, pause, refuseAs, scenarioOf, type Cloud } from './cloud.ts'
import type { IssuedCode } from './codes.ts'
import type { Fields } from './fields.ts'
import { requestKeyAnswer } from './request-key-answer.ts'
import type { Scenario } from './scenario.ts'

/** The `authorization_code` grant: a code for keys, once. Nothing is awaited between the check and the spending. */
export async function exchangeCode(cloud: Cloud, c: Context, fields: Fields): Promise<Response> {
  const given = fields('code')
  if (given === undefined) return refuseAs(cloud.scenario.current, 'API1020')
  const code = cloud.codes.find(given)
  countExchange(cloud.calls, code?.number)
  const scenario = scenarioOf(cloud, code?.authorization)

  const error = chosenError(scenario, 'exchangeError', code?.authorization)
  if (error || !code || scenario.code === 'refuse') {
    await pause(c, scenario.exchangeDelayMs)
    return refuseAs(scenario, error ?? 'API1020')
  }
  if (code.spentOn || code.endsAt <= cloud.now()) {
    if (scenario.replayedCode === 'refused_and_revokes') revoke(code)
    await cloud.save()
    await pause(c, scenario.exchangeDelayMs)
    return refuseAs(scenario, 'API1026')
  }
  const { body, headers } = spend(cloud, c, code, scenario)
  await cloud.save()
  // The keys exist from here on, whether or not the answer arrives (F31).
  await pause(c, scenario.exchangeDelayMs)
  if (scenario.exchangeAnswer !== 'missing_request_key') {
    return answer(c, scenario.exchangeAnswer, body, headers)
  }
  delete body['request_key']
  return answer(c, 'ok', body, headers)
}

function spend(cloud: Cloud, c: Context, code: IssuedCode, scenario: Scenario) {
  const { authorization } = code
  if (scenario.newKeyKillsOld) cloud.ledger.killRequestKeys(authorization.officeId)
  const running = scenario.exchangeKeys === 'running' ? cloud.ledger.runningKeysOf(authorization.officeId) : undefined
  const requestKey = running?.requestKey ?? cloud.ledger.issueRequestKey(authorization, scenario.lifetimeSeconds)
  const refreshKey =
    scenario.refreshKey === 'missing' ? undefined : (running?.refreshKey ?? cloud.ledger.issueRefreshKey(authorization))
  code.spentOn = { requestKey, refreshKey }
  const lifetimeSeconds = Math.ceil((requestKey.endsAt.getTime() - cloud.now().getTime()) / 1000)
  return requestKeyAnswer(c, { ...scenario, lifetimeSeconds }, requestKey, refreshKey)
}

function revoke({ spentOn }: IssuedCode): void {
  if (!spentOn) return
  spentOn.requestKey.dead = true
  if (spentOn.refreshKey) spentOn.refreshKey.dead = true
}
