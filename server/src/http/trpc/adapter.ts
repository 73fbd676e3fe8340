import {
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  transformTRPCResponse,
  TRPCError,
} from '@trpc/server'
import { getHTTPStatusCodeFromError, resolveResponse } from '@trpc/server/http'
import type { Context } from 'hono'
import { isDecodable } from '../../config/decodable.ts'
import { Refusal, retryAfterOf } from '../api-error-code.ts'
import { pathForLog, type EdgeEnvironment } from '../request-context.ts'
import { rememberRequestId, type ProcedureContext } from './procedure.ts'
import { appRouter, procedures, trpcConfig as config } from './router.ts'

/** Most calls in one HTTP request; a held status request should come alone. */
const maxBatchSize = 10

type Edge = Context<EdgeEnvironment>
type Answer = Parameters<typeof transformTRPCResponse>[1]

/**
 * `/trpc/*`. A single call runs its procedure through the functions that tRPC exports for adapters; tRPC's own fetch
 * adapter copies requests, headers and responses, at several times the cost of a procedure (docs/performance.md). The
 * fetch adapter handles all other requests: batches, unknown paths, wrong methods.
 */
export function trpcAdapter(edge: ProcedureContext['edge']) {
  return async (c: Edge): Promise<Response> => {
    const { path, method } = c.req
    if (!isDecodable(path)) throw new Refusal('BAD_REQUEST')
    const { incoming, outgoing } = c.env
    outgoing.setHeader('cache-control', 'no-store')
    const body = method === 'POST' ? await readBody(c) : undefined
    const name = path.slice('/trpc/'.length)
    const type = procedures.get(name)?.type
    const query = queryOf(incoming.url)
    const isSingle =
      (method === 'GET'
        ? type === 'query' && (query === '' || /^input=[^&]*$/.test(query))
        : type === 'mutation' &&
          method === 'POST' &&
          query === '' &&
          (body === undefined || isJson(incoming.headers))) &&
      incoming.headers['trpc-accept'] === undefined &&
      !incoming.headers.accept?.includes('application/jsonl')
    const context = procedureContext(c, edge)
    if (!isSingle || type === undefined) return answerByFetchAdapter(c, context, name, body)
    const call = { path: name, type, ctx: context }
    try {
      const data: unknown = await callTRPCProcedure({
        router: appRouter,
        ...call,
        getRawInput: async () => readInput(method === 'GET' ? new URLSearchParams(query).get('input') : body),
        signal: undefined,
        batchIndex: 0,
      })
      return answer({ result: { data } }, 200)
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause)
      tellOf(c, error, name)
      const shape = getTRPCErrorShape({ config, error, input: undefined, ...call })
      return answer({ error: shape }, getHTTPStatusCodeFromError(error))
    }
  }
}

/** The procedure context of one request. */
export function procedureContext(c: Edge, edge: ProcedureContext['edge']): ProcedureContext {
  const { incoming, outgoing } = c.env
  return {
    edge,
    request: {
      id: c.get('requestId'),
      authorization: incoming.headers.authorization,
      signal: () => c.req.raw.signal,
      setCookie: (header) => void outgoing.appendHeader('set-cookie', header),
    },
  }
}

/** Logs a failed procedure, and tells the client when to retry. */
export function tellOf(c: Edge, error: TRPCError, path: string | undefined): void {
  const { code, cause } = error
  const failed = { code, path: pathForLog(path ?? '') }
  const isOurs = code === 'INTERNAL_SERVER_ERROR' || code === 'SERVICE_UNAVAILABLE'
  // Omit the error if the caller is at fault: its message quotes the input.
  if (isOurs) c.get('log')().error({ err: cause ?? error, ...failed }, 'procedure failed')
  else c.get('log')().debug(failed, 'procedure refused')
  const retryAfter = Math.max(retryAfterOf(cause) ?? 0, Number(c.env.outgoing.getHeader('retry-after') ?? 0))
  if (retryAfter > 0) c.env.outgoing.setHeader('retry-after', String(retryAfter))
}

/** @returns what follows the question mark */
export function queryOf(url = ''): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at + 1)
}

function answer(item: Answer, status: number): Response {
  return new Response(JSON.stringify(transformTRPCResponse(config, item)), {
    status,
    headers: { 'content-type': 'application/json' },
  })
}

function isJson({ 'content-type': type }: { 'content-type'?: string | undefined }): boolean {
  return type?.startsWith('application/json') ?? false
}

/**
 * @returns undefined for an empty body: no input, whatever its content type (S18)
 * @throws {Refusal} BAD_REQUEST when the client disconnects before the body ends
 */
export async function readBody(c: Edge): Promise<string | undefined> {
  const body = await c.req.text().catch(() => {
    throw new Refusal('BAD_REQUEST')
  })
  return body.trim() === '' ? undefined : body
}

/** @throws {TRPCError} BAD_REQUEST */
export function readInput(json: string | null | undefined): unknown {
  if (json === null || json === undefined || json === '') return undefined
  try {
    return config.transformer.input.deserialize(JSON.parse(json))
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', cause })
  }
}

async function answerByFetchAdapter(
  c: Edge,
  context: ProcedureContext,
  path: string,
  body: string | undefined,
): Promise<Response> {
  const response = await resolveResponse({
    req: requestOf(c, body),
    path: path.replace(/\/$/, ''),
    router: appRouter,
    error: null,
    maxBatchSize,
    createContext: async () => context,
    onError: ({ error, path: of }) => {
      rememberRequestId(error, context.request.id)
      tellOf(c, error, of)
    },
  })
  // The fetch adapter sets its own `vary` for streams, which are never sent here.
  response.headers.delete('vary')
  // An error raised before the context exists has no content type.
  if (!response.ok) response.headers.set('content-type', 'application/json')
  return response
}

/**
 * Works around tRPC's fetch adapter (11.19): it fails to parse an empty body as JSON, though its own client sends one
 * when there is no input. Streaming is off: a stream would start before a procedure could set a cookie.
 */
function requestOf(c: Edge, body: string | undefined): Request {
  const { url, method, signal } = c.req.raw
  const headers = new Headers(c.req.raw.headers)
  headers.delete('trpc-accept')
  if (method !== 'POST') return new Request(url, { method, headers, signal })
  if (body !== undefined) return new Request(url, { method, headers, body, signal })
  headers.set('content-type', 'application/json')
  return Object.defineProperty(new Request(url, { method, headers, signal }), 'json', { value: async () => undefined })
}
