import { Hono } from 'hono'
import * as z from 'zod'
import { formPage } from './authorization-form.ts'
import { authorizationPath, readAuthorizationRequest, type AuthorizationRequest } from './authorization-request.ts'
import { scenarioOf, type Cloud } from './cloud.ts'
import { errorPage, indexPage } from './page.ts'
import { practicesOnOffer, type Practice } from './practices.ts'
import { chosenSwitches, Form } from './scenario-form.ts'
import { scenarioProblems, type Scenario } from './scenario.ts'

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/** The page where the practice allows or denies (sikka-api, Authorization), and where its buttons lead. */
export function authorizationRoutes(cloud: Cloud): Hono {
  return new Hono()
    .get('/', (c) => c.html(indexPage(), 200, headers))
    .get(authorizationPath, async (c) => {
      cloud.calls.authorizationPage++
      const request = readAuthorizationRequest(cloud, (name) => c.req.queries(name) ?? [])
      if (typeof request === 'string') return c.html(errorPage(request), 400, headers)
      return c.html(formPage(request, cloud.scenario.current), 200, headers)
    })
    .post(authorizationPath, async (c) => {
      const form = Form.parse(await c.req.parseBody({ all: true }))
      const request = readAuthorizationRequest(cloud, (name) => form.get(name) ?? [])
      if (typeof request === 'string') return c.html(errorPage(request), 400, headers)
      const decision = form.get('decision')?.[0]
      if (decision !== 'allow' && decision !== 'deny') return c.html(errorPage('Press Allow or Deny.'), 400, headers)
      try {
        const chosen = chosenSwitches(cloud.scenario.current, form)
        const scenario = { ...cloud.scenario.current, ...chosen }
        const practice = practiceOf(form, scenario)
        if (!practice) return c.html(errorPage('There is no such practice.'), 400, headers)
        cloud.calls[decision === 'allow' ? 'allowed' : 'denied']++
        const answer = decision === 'allow' ? await allow(cloud, practice, chosen) : denial(scenario)
        return c.redirect(backTo(request, scenario, answer), 303)
      } catch (error) {
        if (!(error instanceof z.ZodError)) throw error
        const problems = scenarioProblems(error).map(({ switch: name, problem }) => `${name}: ${problem}.`)
        return c.html(errorPage(`A scenario switch is wrong. ${problems.join(' ')}`), 400, headers)
      }
    })
}

function practiceOf(form: Form, scenario: Scenario): Practice | undefined {
  const officeId = form.get('practice')?.[0] ?? practicesOnOffer[0].officeId
  const picked = practicesOnOffer.find((practice) => practice.officeId === officeId)
  return (
    picked && {
      officeId: scenario.officeId ?? picked.officeId,
      practiceName: scenario.practiceName ?? picked.practiceName,
      pmsType: form.get('pms_type')?.[0]?.trim() || picked.pmsType,
    }
  )
}

type Answer = Record<string, string | undefined>

async function allow(cloud: Cloud, practice: Practice, chosen: Partial<Scenario>): Promise<Answer> {
  const authorization = cloud.ledger.authorize(practice, chosen)
  await cloud.save()
  switch (scenarioOf(cloud, authorization).return) {
    case 'code':
      return { code: cloud.codes.issue(authorization) }
    case 'nothing':
      return {}
    case 'other_error':
      return { error: 'server_error' }
  }
}

function denial(scenario: Scenario): Answer {
  const described = scenario.denial === 'with_description'
  return { error: 'access_denied', error_description: described ? 'The practice did not allow it.' : undefined }
}

/** The callback's address with the answer and, as the scenario says, the state. */
function backTo({ redirectUri, state }: AuthorizationRequest, scenario: Scenario, answer: Answer): string {
  const url = new URL(redirectUri)
  const all = { ...answer, state: echoOf(state, scenario, answer['error'] === 'access_denied') }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

function echoOf(state: string | undefined, scenario: Scenario, denied: boolean): string | undefined {
  if (scenario.stateEcho === 'dropped' || (denied && scenario.denial === 'without_state')) return undefined
  return scenario.stateEcho === 'altered' ? state?.toUpperCase().concat('x') : state
}
