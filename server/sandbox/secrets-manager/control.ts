import { Hono } from 'hono'
import * as z from 'zod'
import type { ScriptedErrors } from './scripted-errors.ts'

/** The stand-in's own controls below `/sandbox`: its counts and its errors. */
export function controlRoutes(calls: () => Record<string, number>, errors: ScriptedErrors): Hono {
  return new Hono()
    .get('/sandbox/calls', (c) => c.json(calls()))
    .put('/sandbox/errors', async (c) => {
      try {
        errors.fail(await c.req.json())
        return c.body(null, 204)
      } catch (error) {
        if (error instanceof z.ZodError) return c.json({ error: 'bad_script', problem: z.prettifyError(error) }, 400)
        if (error instanceof SyntaxError) return c.json({ error: 'not_json' }, 400)
        throw error
      }
    })
    .delete('/sandbox/errors', (c) => {
      errors.heal()
      return c.body(null, 204)
    })
}
