import { LimitExceededException, type SecretsManager } from '@aws-sdk/client-secrets-manager'
import { systemCodeOf, vaultFailure } from './vault-failure.ts'

/**
 * Looks at each try of a call on its way back.
 * @returns what is known of a call that ended with this error: not sent only when none of its tries was; undefined
 *   when there was no try
 */
export function noteTries(aws: SecretsManager): (error: unknown) => 'not_sent' | 'unclear' | undefined {
  const received = new WeakSet<object>()
  const sent = new WeakMap<object, 'not_sent' | 'unclear'>()
  aws.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        // The SDK takes it for throttling and would write again, twice (F59).
        if (error instanceof LimitExceededException) throw vaultFailure(error)
        if (!isUnconnected(error)) received.add(context)
        if (error instanceof Error) sent.set(error, received.has(context) ? 'unclear' : 'not_sent')
        throw error
      }
    },
    { step: 'deserialize', priority: 'high', name: 'noteTries' },
  )
  return (error) => (error instanceof Error ? sent.get(error) : undefined)
}

const unconnected = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'])

function isUnconnected(error: unknown): boolean {
  const code = systemCodeOf(error)
  if (code !== undefined) return unconnected.has(code)
  // Of its three time-outs, the SDK tells the one for the connection by its words alone.
  return (
    error instanceof Error && error.name === 'TimeoutError' && error.message.includes('did not establish a connection')
  )
}
