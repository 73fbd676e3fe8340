import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Context } from 'hono'
import { isDecodable } from '../../config/decodable.ts'
import { Refusal } from '../api-error-code.ts'
import { pathForLog, type EdgeEnvironment } from '../request-context.ts'
import type { ProcedureContext } from './procedure.ts'
import { appRouter } from './router.ts'

/** Most calls in one HTTP request; a held status request should come alone. */
const maxBatchSize = 10

/** `/trpc/*`: the router over fetch, with the parts of the context that every request shares. */
export function trpcHandler(parts: Pick<ProcedureContext, 'useCases' | 'bindingCookie' | 'limits' | 'errorCode'>) {
  return async (c: Context<EdgeEnvironment>): Promise<Response> => {
    if (!isDecodable(c.req.path)) throw new Refusal('BAD_REQUEST')
    const response = await fetchRequestHandler({
      endpoint: '/trpc',
      req: readable(c.req.raw),
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
}

/**
 * The request as tRPC's server reads it right. Its own client sends no body where there is no input, and it
 * then fails to parse nothing as JSON (11.19): no body is no input. A stream of results would be on its way
 * before a procedure could set a cookie, so none is given.
 */
function readable(request: Request): Request {
  const length = request.headers.get('content-length') ?? '0'
  const isEmpty = request.method === 'POST' && length === '0' && !request.headers.has('transfer-encoding')
  const wantsStream = request.headers.has('trpc-accept')
  if (!isEmpty && !wantsStream) return request
  const headers = new Headers(request.headers)
  headers.delete('trpc-accept')
  if (!isEmpty) return new Request(request, { headers })
  const empty = new Request(request.url, { method: 'POST', headers, signal: request.signal })
  return Object.defineProperty(empty, 'json', { value: async () => undefined })
}

/** An error from before there was a context has no request id yet, and no content type of its own. */
async function withRequestId(response: Response, requestId: string): Promise<Response> {
  const body = (await response.text()).replaceAll('"requestId":""', `"requestId":"${requestId}"`)
  const headers = new Headers(response.headers)
  headers.set('content-type', 'application/json')
  return new Response(body, { status: response.status, headers })
}
