import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'

/** A question for the status, in one of the ways in which it is put. */
interface Question {
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
  headers: Readonly<Record<string, string>>,
) {
  const always = { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }
  const respond = (json: string): Response =>
    new Response(json, { status: 200, headers: { ...always, 'x-request-id': randomUUID() } })

  const front = new Hono<{ Bindings: HttpBindings }>()
  for (const [path, answer] of Object.entries(answers)) {
    front.get(path, (c) => {
      const others = (tried: { failure?: unknown } = {}) => app.fetch(c.req.raw, { ...c.env, ...tried })
      const { method, headers: given, rawHeaders, url = '' } = c.env.incoming
      if (method !== 'GET' || given.origin !== undefined || hasSeveralTokens(rawHeaders)) return others()
      const at = url.indexOf('?')
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

/** Node tells the first of several and hides the others; everywhere else they are read as one, which is none. */
function hasSeveralTokens(rawHeaders: readonly string[]): boolean {
  let tokens = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') tokens += 1
  }
  return tokens > 1
}
