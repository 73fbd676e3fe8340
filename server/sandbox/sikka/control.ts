import { Hono, type Context } from 'hono'
import * as z from 'zod'
import { redirectTrap } from './answer.ts'
import { noCalls } from './calls.ts'
import type { Cloud } from './cloud.ts'
import { scenarioProblems, type Scenario } from './scenario.ts'

/** The stand-in's own controls below `/sandbox`: its scenario and its counts. */
export function controlRoutes(cloud: Cloud): Hono {
  const { scenario } = cloud
  return new Hono()
    .get('/sandbox/scenario', (c) => c.json(scenario.current))
    .put('/sandbox/scenario', (c) => change(c, (switches) => scenario.replace(switches)))
    .patch('/sandbox/scenario', (c) => change(c, (switches) => scenario.patch(switches)))
    .delete('/sandbox/scenario', (c) => c.json(scenario.replace({})))
    .get('/sandbox/calls', (c) => c.json(cloud.calls))
    .delete('/sandbox/calls', (c) => c.json(Object.assign(cloud.calls, noCalls())))
    .all(redirectTrap, (c) => {
      cloud.calls.followedRedirects++
      return c.text('Nobody should follow a redirect of the API', 404)
    })
}

async function change(c: Context, set: (switches: unknown) => Scenario): Promise<Response> {
  try {
    return c.json(set(await c.req.json()))
  } catch (error) {
    if (error instanceof z.ZodError) return c.json({ error: 'bad_scenario', switches: scenarioProblems(error) }, 400)
    if (error instanceof SyntaxError) return c.json({ error: 'not_json', switches: [] }, 400)
    throw error
  }
}
