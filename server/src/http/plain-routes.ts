import { callTRPCProcedure, getTRPCErrorFromUnknown } from '@trpc/server'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { apiError, httpStatus, Refusal } from './api-error-code.ts'
import type { EdgeEnvironment } from './request-context.ts'
import { procedureContext, queryOf, readBody, readInput, tellOf } from './trpc/adapter.ts'
import { codeOf, type ProcedureContext } from './trpc/procedure.ts'
import { appRouter, procedures, type ProcedureToServe } from './trpc/router.ts'

/**
 * Every procedure as a plain route, for clients without tRPC (contract, section 4): `pms.connectionStatus` is
 * `GET /api/pms/connection-status` with its input in the query, a mutation is a POST of JSON. Errors are `ApiError`s.
 */
export function plainRoutes(edge: ProcedureContext['edge']) {
  const routes = new Hono<EdgeEnvironment>()
  for (const [path, procedure] of procedures) {
    const { type } = procedure
    const numbers = numbersOf(procedure)
    routes.on(type === 'query' ? 'GET' : 'POST', plainPath(path), async (c) => {
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
      const body = type === 'query' ? undefined : await readBody(c)
      const getRawInput = async () =>
        type === 'query' ? readQuery(queryOf(c.env.incoming.url), numbers) : readInput(body)
      try {
        const ctx = procedureContext(c, edge)
        const common = { router: appRouter, path, type, ctx, getRawInput, signal: undefined, batchIndex: 0 }
        return new Response(JSON.stringify(await callTRPCProcedure(common)), { status: 200, headers })
      } catch (cause) {
        const error = getTRPCErrorFromUnknown(cause)
        tellOf(c, error, path)
        const code = codeOf(error)
        return new Response(JSON.stringify(apiError(code, c.get('requestId'))), { status: httpStatus[code], headers })
      }
    })
  }
  return routes
}

/** @param path such as `pms.connectionStatus` */
function plainPath(path: string): string {
  return `/api/${path.replaceAll('.', '/').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Names of an input's numeric properties: in a query string everything is text. */
function numbersOf({ inputs }: ProcedureToServe): ReadonlySet<string> {
  const properties = inputs.flatMap((schema) => {
    const { properties: of } = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })
    return Object.entries(of ?? {})
  })
  const isNumber = (schema: unknown) => ['number', 'integer'].includes((schema as { type?: string }).type ?? '')
  return new Set(properties.filter(([, schema]) => isNumber(schema)).map(([name]) => name))
}

/** @throws {Refusal} BAD_REQUEST when a parameter is repeated */
function readQuery(query: string, numbers: ReadonlySet<string>): unknown {
  const pairs = [...new URLSearchParams(query)]
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Refusal('BAD_REQUEST')
  // Number("") would be 0.
  const read = (name: string, text: string) => (numbers.has(name) ? (text === '' ? Number.NaN : Number(text)) : text)
  return Object.fromEntries(pairs.map(([name, text]) => [name, read(name, text)]))
}
