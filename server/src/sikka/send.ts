import { circuitBreaker } from '../breaker.ts'
import { ConnectionFailure } from '../failure.ts'
import { transport, type Answer, type CallLimits, type Reply, type Request } from './call.ts'
import type { Clock } from '../clock.ts'
import { rateLimit } from './rate-limit.ts'
import { isSikkasTrouble } from './refusal.ts'

/** Where it is told that Sikka has failed, and that it works again. */
export interface Log {
  warn(details: object, message: string): void
  info(details: object, message: string): void
}

/** The one way to Sikka. */
export interface Sender {
  /**
   * Waits for its turn, and sends once.
   * @throws {ConnectionFailure} as `Transport.call`; PROVIDER_UNAVAILABLE, `limited` or `not_sent`, when it was not
   * even tried
   */
  send(url: URL, request: Request, signal: AbortSignal): Promise<Reply>
  /** Whether calls are sent, and not refused because Sikka has just failed. */
  isAvailable(): boolean
  close(): Promise<void>
}

/** An answer that shows Sikka's trouble, on its way past the breaker. */
class TroubledAnswer extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super('Sikka is in trouble')
    this.answer = answer
  }
}

export function sender({ clock, log, limits }: { clock: Clock; log?: Log; limits?: Partial<CallLimits> }): Sender {
  const wire = transport(limits)
  const limit = rateLimit(clock)
  const breaker = circuitBreaker({
    name: 'sikka',
    isTrouble,
    refusal: () =>
      new ConnectionFailure('PROVIDER_UNAVAILABLE', 'Not sent: Sikka has just failed', { reason: 'not_sent' }),
    onChange: ({ name, isOpen }) => {
      if (isOpen) log?.warn({ upstream: name }, 'upstream fails; calls are refused until it works')
      else log?.info({ upstream: name }, 'upstream works again')
    },
    now: () => clock.now(),
  })

  return {
    async send(url, request, signal) {
      await limit.waitForTurn(signal)
      try {
        return await breaker.run(async () => {
          const answer = await wire.call(url, request, signal)
          const isTroubled = isSikkasTrouble(answer)
          // A 429 that is one practice's own holds nobody else up.
          if (isTroubled || answer.status !== 429) limit.note(answer)
          if (isTroubled) throw new TroubledAnswer(answer)
          return answer
        }, signal)
      } catch (error) {
        if (error instanceof TroubledAnswer) return error.answer
        throw error
      }
    },
    isAvailable: () => breaker.isAvailable(),
    close: () => wire.close(),
  }
}

/** No answer, or one of trouble. One that cannot be read (BAD_RESPONSE) is an answer all the same. */
function isTrouble(error: unknown): boolean {
  return error instanceof TroubledAnswer || (error instanceof ConnectionFailure && error.code !== 'BAD_RESPONSE')
}
