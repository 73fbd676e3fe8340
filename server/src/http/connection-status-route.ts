import { ConnectionStatusInput } from '@pms/shared/connection-status'
import { Hono } from 'hono'
import { Refusal } from './api-error-code.ts'
import { answerStatus, type StatusParts } from './answer-status.ts'
import type { EdgeEnvironment } from './request-context.ts'
import { statusPaths, type Question } from './status-question.ts'

/** `GET /api/pms/connection-status`: `pms.connectionStatus` for clients without tRPC, its input in the query. */
export function connectionStatusRoute(parts: StatusParts) {
  const answer = plainStatus(parts)
  return new Hono<EdgeEnvironment>().get(statusPaths.plain, async (c) => {
    const { failure } = c.env
    if (failure !== undefined) throw failure
    const { search } = new URL(c.req.url)
    const json = await answer({
      authorization: c.req.header('authorization'),
      query: search === '' ? undefined : search.slice(1),
      signal: () => c.req.raw.signal,
    })
    return c.body(json, 200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  })
}

export function plainStatus(parts: StatusParts) {
  return ({ query, ...question }: Question) =>
    answerStatus(parts, question, () => (query === undefined ? {} : readInput(query)))
}

/** @throws {Refusal} BAD_REQUEST, also when something is given twice */
function readInput(query: string): ConnectionStatusInput {
  const pairs = [...new URLSearchParams(query)]
  const { waitSeconds, ...others } = Object.fromEntries(pairs)
  const input = ConnectionStatusInput.safeParse({
    ...others,
    ...(waitSeconds === undefined ? {} : { waitSeconds: waitSeconds === '' ? Number.NaN : Number(waitSeconds) }),
  })
  if (!input.success || new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Refusal('BAD_REQUEST')
  return input.data
}
