import { ConnectionStatusInput } from '@pms/shared/connection-status'
import type { TRPCError } from '@trpc/server'
import { resolveResponse } from '@trpc/server/http'
import type { Context } from 'hono'
import { isDecodable } from '../../config/decodable.ts'
import { answerStatus, type StatusParts } from '../answer-status.ts'
import { Refusal, retryAfterOf } from '../api-error-code.ts'
import { pathForLog, type EdgeEnvironment } from '../request-context.ts'
import type { AnswerQuestion } from '../status-question.ts'
import { CodedError, emptyIsAbsent, type ProcedureContext } from './procedure.ts'
import { appRouter } from './router.ts'

/** Most calls in one HTTP request; a held status request should come alone. */
const maxBatchSize = 10

type Edge = ProcedureContext['edge']

/** `/trpc/*`: the router, with the parts of the context that every request shares. */
export function trpcHandler(edge: Edge) {
  return async (c: Context<EdgeEnvironment>): Promise<Response> => {
    if (!isDecodable(c.req.path)) throw new Refusal('BAD_REQUEST')
    const cookies: string[] = []
    const request = {
      id: c.var.requestId,
      authorization: c.req.header('authorization'),
      signal: () => c.req.raw.signal,
      setCookie: (header: string) => void cookies.push(header),
    }
    const { failure } = c.env
    const failed = failure === undefined ? undefined : new CodedError(edge.errorCode(failure), failure)
    return respond(c, { edge, request }, cookies, failed)
  }
}

/**
 * `pms.connectionStatus` as the page asks it, alone and over GET: answered as the procedure answers it, in tRPC's form.
 * @returns undefined for a question that is put in another way
 */
export function trpcStatus(parts: StatusParts): AnswerQuestion {
  const inForm = (json: string): string => `{"result":{"data":${json}}}`
  return ({ query, ...question }) => {
    if (query !== undefined && !/^input=[^&]+$/.test(query)) return undefined
    const answer = answerStatus(parts, question, () => (query === undefined ? {} : readInput(query)))
    return typeof answer === 'string' ? inForm(answer) : answer.then(inForm)
  }
}

/** @throws {Refusal} BAD_REQUEST */
function readInput(query: string): ConnectionStatusInput {
  try {
    const input: unknown = JSON.parse(new URLSearchParams(query).get('input') ?? '')
    return ConnectionStatusInput.parse(emptyIsAbsent(input) ?? {})
  } catch {
    throw new Refusal('BAD_REQUEST')
  }
}

/** @param failure of a procedure that was called already, to be said as tRPC says it */
async function respond(
  c: Context<EdgeEnvironment>,
  context: ProcedureContext,
  cookies: readonly string[],
  failure?: TRPCError,
): Promise<Response> {
  const response = await resolveResponse({
    req: await readable(c.req.raw),
    path: c.req.path.replace(/^\/trpc\//, '').replace(/\/$/, ''),
    router: appRouter,
    error: failure ?? null,
    maxBatchSize,
    createContext: async () => context,
    responseMeta: ({ errors }) => {
      const longest = Math.max(0, ...errors.map(({ cause }) => retryAfterOf(cause) ?? 0))
      const headers = new Headers({
        'cache-control': 'no-store',
        ...(longest > 0 ? { 'retry-after': String(longest) } : {}),
      })
      for (const cookie of cookies) headers.append('set-cookie', cookie)
      return { headers }
    },
    onError: ({ error, path }) => {
      const { code, cause } = error
      const failed = { code, path: pathForLog(path ?? '') }
      const isOurs = code === 'INTERNAL_SERVER_ERROR' || code === 'SERVICE_UNAVAILABLE'
      // What the caller did wrong is quoted in the message, whatever it was.
      if (isOurs) c.var.log.error({ err: cause ?? error, ...failed }, 'procedure failed')
      else c.var.log.debug(failed, 'procedure refused')
    },
  })
  return response.ok ? response : withRequestId(response, c.var.requestId)
}

/**
 * The request as tRPC's server reads it right (11.19): it parses an empty body as JSON, and fails, while its own client
 * sends one where there is no input; so no body is no input (S18), whatever type it has. A stream of results would be on
 * its way before a procedure could set a cookie, so none is given.
 * @throws {Refusal} BAD_REQUEST when the client breaks the body off
 */
async function readable(request: Request): Promise<Request> {
  const { method, url, signal } = request
  const hasBody = method === 'POST'
  if (!hasBody && !request.headers.has('trpc-accept')) return request
  const headers = new Headers(request.headers)
  headers.delete('trpc-accept')
  if (!hasBody) return new Request(request, { headers })
  const body = await request.text().catch(() => {
    throw new Refusal('BAD_REQUEST')
  })
  if (body.trim() !== '') return new Request(url, { method, headers, body, signal })
  headers.set('content-type', 'application/json')
  return Object.defineProperty(new Request(url, { method, headers, signal }), 'json', { value: async () => undefined })
}

/** An error from before there was a context has no request id yet, and no content type of its own. */
async function withRequestId(response: Response, requestId: string): Promise<Response> {
  const body = (await response.text()).replaceAll('"requestId":""', `"requestId":"${requestId}"`)
  const headers = new Headers(response.headers)
  headers.set('content-type', 'application/json')
  return new Response(body, { status: response.status, headers })
}
