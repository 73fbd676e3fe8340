import { apiErrorText, isApiErrorCode, type ApiErrorCode } from '@pms/shared/errors'
import { initTRPC, TRPCError } from '@trpc/server'
import { httpStatus } from '../api-error-code.ts'
import type { CallLimits, Limits } from '../limits.ts'
import type { UseCases } from '../use-cases.ts'

/** The context of a procedure. It is part of the router's type, so it uses plain types only. */
export interface ProcedureContext {
  request: {
    id: string
    authorization: string | undefined
    /** aborts when the client disconnects */
    signal: () => AbortSignal
    setCookie: (header: string) => void
  }
  edge: {
    useCases: Pick<
      UseCases,
      'signIn' | 'startConnection' | 'connectionStatus' | 'choosePractice' | 'declineChoice' | 'disconnect' | 'history'
    >
    bindingCookie: (binding: Awaited<ReturnType<UseCases['startConnection']>>['binding']) => string
    /** maps a thrown error to the client's error code */
    errorCode: (error: unknown) => ApiErrorCode
    limits: CallLimits & Pick<Limits, 'start'>
  }
}

/** Carries our error code: tRPC lacks some of them. */
class CodedError extends TRPCError {
  readonly ours: ApiErrorCode

  constructor(ours: ApiErrorCode, cause: unknown) {
    super({ code: ours === 'PROVIDER_UNAVAILABLE' ? 'SERVICE_UNAVAILABLE' : ours, cause })
    this.ours = ours
  }
}

const t = initTRPC.context<ProcedureContext>().create({
  // Never send stacks or internal messages to clients, in any environment.
  isDev: false,
  errorFormatter: ({ shape, error, ctx }) => {
    const code = codeOf(error)
    const requestId = ctx?.request.id ?? requestIds.get(error) ?? ''
    return {
      code: shape.code,
      message: apiErrorText[code],
      data: { code, httpStatus: shape.data.httpStatus, requestId },
    }
  },
})

/** Maps a tRPC error to a code of `shared`; BAD_REQUEST if `shared` lacks it, as the request is at fault. */
export function codeOf(error: TRPCError): ApiErrorCode {
  if (error instanceof CodedError) return error.ours
  return isApiErrorCode(error.code) ? error.code : 'BAD_REQUEST'
}

/** Request ids of errors raised before the context exists, such as for a batch that cannot be parsed. */
const requestIds = new WeakMap<TRPCError, string>()

export function rememberRequestId(error: TRPCError, requestId: string): void {
  requestIds.set(error, requestId)
}

export const router = t.router

/** Clients in other languages send `{}` or `null` where there is no input (S18). */
function emptyIsAbsent(input: unknown): unknown {
  const isEmpty =
    input === null || (typeof input === 'object' && !Array.isArray(input) && Object.keys(input).length === 0)
  return isEmpty ? undefined : input
}

const procedure = t.procedure.use(({ getRawInput, next }) =>
  next({ getRawInput: async () => emptyIsAbsent(await getRawInput()) }),
)

/**
 * The base of every procedure: requires sign-in, takes the account from the token alone, and counts each call unless it
 * failed through our or a provider's fault (T13). Maps errors of the layers below to our codes; tRPC would call them
 * all internal.
 */
export const signedInProcedure = procedure.use(async ({ ctx, path, next }) => {
  const { useCases, limits, errorCode } = ctx.edge
  let counted: string | undefined
  try {
    const account = await useCases.signIn(ctx.request.authorization)
    limits.count(path, account.accountId)
    counted = account.accountId
    const result = await next({ ctx: { account } })
    if (result.ok || result.error.code !== 'INTERNAL_SERVER_ERROR') return result
    throw result.error.cause ?? result.error
  } catch (error) {
    const code = errorCode(error)
    if (counted !== undefined && httpStatus[code] >= 500) limits.doNotCount(path, counted)
    throw new CodedError(code, error)
  }
})

export { TRPCError }
