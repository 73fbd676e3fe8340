import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Logger } from 'pino'

/** Where the status is asked for: over tRPC, and plainly. */
export const statusPaths = { trpc: '/trpc/pms.connectionStatus', plain: '/api/pms/connection-status' } as const

/** A question for the status, in one of the ways in which it is put. */
export interface Question {
  authorization: string | undefined
  /** what follows the question mark of the address, if anything */
  query: string | undefined
  signal: () => AbortSignal
}

/** @returns the answer as JSON; undefined when it is not one to be answered in this way. It throws what the edge's error handlers know. */
export type AnswerQuestion = (question: Question) => string | undefined | Promise<string | undefined>

/** What the steps of all other requests are told of one that was tried here first. */
export interface Tried extends HttpBindings {
  /** why there is no answer; so it is not tried again */
  failure?: unknown
}

/**
 * Questions for the status are most of what is ever asked, and the steps that all requests go through (headers, log,
 * origins, tRPC's adapter) take several times as long as an answer from memory (docs/performance.md). So they are met
 * before all that; whatever is unusual, such as a page of another origin, and every error goes the way of all others.
 */
export function withStatusQuestions(
  app: { fetch: (request: Request, env: Tried) => Response | Promise<Response> },
  answers: Record<string, AnswerQuestion>,
  {
    headers,
    log,
    onAnswered,
  }: {
    headers: Readonly<Record<string, string>>
    log: Pick<Logger, 'debug' | 'isLevelEnabled'>
    onAnswered: ((path: string, seconds: number) => void) | undefined
  },
) {
  const always = { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }

  // Where nobody reads it, no time is taken and nothing is written (S21).
  const isTimed = onAnswered !== undefined || log.isLevelEnabled('debug')

  const front = new Hono<{ Bindings: HttpBindings }>()
  for (const [path, answer] of Object.entries(answers)) {
    front.get(path, (c) => {
      const others = (tried: { failure?: unknown } = {}) => app.fetch(c.req.raw, { ...c.env, ...tried })
      const { method, rawHeaders, url = '' } = c.env.incoming
      const given = plainHeaders(rawHeaders)
      if (method !== 'GET' || !given) return others()
      const at = url.indexOf('?')
      const startedAt = isTimed ? performance.now() : 0
      const respond = (json: string): Response => {
        const requestId = randomUUID()
        if (isTimed) {
          const milliseconds = performance.now() - startedAt
          onAnswered?.(path, milliseconds / 1000)
          log.debug({ requestId, method, path, status: 200, ms: Math.round(milliseconds) }, 'request')
        }
        return new Response(json, { status: 200, headers: { ...always, 'x-request-id': requestId } })
      }
      const question: Question = {
        authorization: given.authorization,
        query: at === -1 ? undefined : url.slice(at + 1),
        signal: () => c.req.raw.signal,
      }
      try {
        const json = answer(question)
        if (typeof json === 'string') return respond(json)
        if (json === undefined) return others()
        return json.then(
          (later) => (later === undefined ? others() : respond(later)),
          (failure: unknown) => others({ failure }),
        )
      } catch (failure) {
        return others({ failure })
      }
    })
  }
  front.notFound((c) => app.fetch(c.req.raw, c.env))
  return front
}

/**
 * The token of a request that has nothing unusual about it.
 * @returns undefined with an origin, and with several tokens: of those Node tells the first and hides the others, while
 *   everywhere else they are read as one, which is none
 */
function plainHeaders(rawHeaders: readonly string[]): { authorization: string | undefined } | undefined {
  let authorization: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length !== 13 && name.length !== 6) continue
    const known = name.toLowerCase()
    if (known === 'origin' || (known === 'authorization' && authorization !== undefined)) return undefined
    if (known === 'authorization') authorization = rawHeaders[index + 1]
  }
  return { authorization }
}
