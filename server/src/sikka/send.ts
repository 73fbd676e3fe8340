import { circuitBreaker } from '../breaker.ts'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import { ConnectionFailure } from '../failure.ts'
import { transport, type Answer, type CallLimits, type Reply, type Request } from './call.ts'
import { rateLimit } from './rate-limit.ts'
import { isPracticesOwn, isSikkasTrouble } from './refusal.ts'

/** Where it is told that Sikka has failed, and that it works again. */
export interface Log {
  warn(details: object, message: string): void
  info(details: object, message: string): void
}

/** The way to Sikka for one caller. */
export interface Sender {
  /**
   * Waits for its turn, and sends once.
   * @throws {ConnectionFailure} as `Transport.call`; PROVIDER_UNAVAILABLE, `limited` or `not_sent`, when it was not
   * even tried
   */
  send(url: URL, request: Request, signal: AbortSignal): Promise<Reply>
  /**
   * Milliseconds until a new attempt may begin; 0 unless Sikka has just failed, or wants no calls for longer than the
   * attempt has time.
   * @param patience time of an attempt, milliseconds
   */
  heldBackFor(patience: number): number
}

/** The one way to Sikka. */
export interface Senders {
  for(caller: Caller): Sender
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

export function senders({ clock, log, limits }: { clock: Clock; log?: Log; limits?: Partial<CallLimits> }): Senders {
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
    for: (caller) => ({
      async send(url, request, signal) {
        await limit.waitForTurn(caller, signal)
        const call = async () => {
          const answer = await wire.call(url, request, signal)
          if (!isPracticesOwn(answer)) limit.note(caller, answer)
          if (isSikkasTrouble(answer)) throw new TroubledAnswer(answer)
          return answer
        }
        try {
          return await breaker.run(caller, call, signal)
        } catch (error) {
          if (error instanceof TroubledAnswer) return error.answer
          throw error
        }
      },
      heldBackFor: (patience) => Math.max(breaker.closedFor(), limit.heldBackFor(caller) - patience),
    }),
    close: () => wire.close(),
  }
}

/** No answer, or one of trouble. One that cannot be read (BAD_RESPONSE) is an answer all the same. */
function isTrouble(error: unknown): boolean {
  return error instanceof TroubledAnswer || (error instanceof ConnectionFailure && error.code !== 'BAD_RESPONSE')
}
