import { apiErrorText, isApiErrorCode, type ApiErrorCode } from '@pms/shared/errors'
import { initTRPC, TRPCError } from '@trpc/server'
import { httpStatus } from '../api-error-code.ts'
import type { CallLimits, Limits } from '../limits.ts'
import type { UseCases } from '../use-cases.ts'

/** What a procedure may use. It ends up in the router's type, so it names plain types alone. */
export interface ProcedureContext {
  request: {
    id: string
    authorization: string | undefined
    /** fires when the client has gone */
    signal: () => AbortSignal
    setCookie: (header: string) => void
  }
  edge: {
    useCases: Pick<
      UseCases,
      'signIn' | 'startConnection' | 'connectionStatus' | 'choosePractice' | 'declineChoice' | 'disconnect' | 'history'
    >
    bindingCookie: (binding: Awaited<ReturnType<UseCases['startConnection']>>['binding']) => string
    /** the code a client sees for what was thrown */
    errorCode: (error: unknown) => ApiErrorCode
    limits: CallLimits & Pick<Limits, 'start'>
  }
}

/** tRPC has not all of our codes: this one carries ours along. */
class CodedError extends TRPCError {
  readonly ours: ApiErrorCode

  constructor(ours: ApiErrorCode, cause: unknown) {
    super({ code: ours === 'PROVIDER_UNAVAILABLE' ? 'SERVICE_UNAVAILABLE' : ours, cause })
    this.ours = ours
  }
}

const t = initTRPC.context<ProcedureContext>().create({
  // Stacks and messages stay here, wherever this runs.
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

/** The code of `shared` for an error of tRPC; for what it has no code for, the request is to blame. */
export function codeOf(error: TRPCError): ApiErrorCode {
  if (error instanceof CodedError) return error.ours
  return isApiErrorCode(error.code) ? error.code : 'BAD_REQUEST'
}

/** The requests of errors from before there was a context, such as that of a batch that cannot be parsed. */
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
 * Every procedure is made from this one: signed in, its account from the token alone, each call counted, unless it
 * failed for our or a provider's reason (T13). Errors of the rooms below get their code here; tRPC by itself calls
 * them all internal.
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
