import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Context } from 'hono'
import { Refusal } from '../api-error-code.ts'
import type { EdgeEnvironment } from '../request-context.ts'
import type { ProcedureContext } from './procedure.ts'
import { appRouter } from './router.ts'

/** Most calls in one HTTP request; a held status request should come alone. */
const maxBatchSize = 10

/** `/trpc/*`: the router over fetch, with the parts of the context that every request shares. */
export function trpcHandler(parts: Pick<ProcedureContext, 'useCases' | 'bindingCookie' | 'limits' | 'errorCode'>) {
  return (c: Context<EdgeEnvironment>): Promise<Response> =>
    fetchRequestHandler({
      endpoint: '/trpc',
      req: withInput(c.req.raw),
      router: appRouter,
      maxBatchSize,
      createContext: ({ req, resHeaders }): ProcedureContext => ({
        ...parts,
        requestId: c.var.requestId,
        authorization: req.headers.get('authorization') ?? undefined,
        signal: req.signal,
        setCookie: (header) => resHeaders.append('set-cookie', header),
      }),
      responseMeta: ({ errors }) => {
        const retryAfter = errors.map((error) => (error.cause instanceof Refusal ? error.cause.retryAfter : undefined))
        const longest = Math.max(0, ...retryAfter.map((seconds) => seconds ?? 0))
        return {
          headers: new Headers({
            'cache-control': 'no-store',
            ...(longest > 0 ? { 'retry-after': String(longest) } : {}),
          }),
        }
      },
      onError: ({ error, path }) => {
        const ours = error.code === 'INTERNAL_SERVER_ERROR' || error.code === 'SERVICE_UNAVAILABLE'
        c.var.log[ours ? 'error' : 'debug']({ err: error.cause ?? error, code: error.code, path }, 'procedure failed')
      },
    })
}

/**
 * tRPC's own client sends no body where there is no input, and tRPC's server then fails to parse nothing
 * as JSON (11.19): no body is no input.
 */
function withInput(request: Request): Request {
  const length = request.headers.get('content-length') ?? '0'
  if (request.method !== 'POST' || length !== '0' || request.headers.has('transfer-encoding')) return request
  const empty = new Request(request.url, { method: 'POST', headers: request.headers, signal: request.signal })
  return Object.defineProperty(empty, 'json', { value: async () => undefined })
}
