import { CircuitState, ConsecutiveBreaker, circuitBreaker as breakerPolicy, handleType, type IBackoff } from 'cockatiel'

/** Stands before an upstream that is in trouble, so that nobody waits for what will fail, and it may recover. */
export interface CircuitBreaker {
  /**
   * Does the work, unless the breaker is open.
   * @param signal the caller's: work that it ended says nothing of the upstream
   * @throws the work's own error; `refusal()` at once while the breaker is open
   */
  run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
  /** Whether `run` would do its work now. True again by the mere passing of time, for the one call that tries. */
  isAvailable(): boolean
}

/** Failures in a row that open it; milliseconds until one call may try whether it is over. */
const usual = { failures: 5, pause: 10_000 } as const

/** A failure on its way past the policy, which counts these alone. */
class Counted extends Error {
  readonly error: unknown
  readonly isVerdict: boolean

  constructor(error: unknown, isVerdict: boolean) {
    super('counted by the circuit breaker')
    this.error = error
    this.isVerdict = isVerdict
  }
}

/**
 * Opens after consecutive trouble. Any other outcome, an error too, shows that the
 * upstream works; only work that its caller ended shows nothing.
 * @param options.isTrouble whether an error is the upstream's: transport, 5xx, 429, and never a refusal
 * @param options.onChange hears when it opens and when it closes again, not of the tries between
 * @param options.now milliseconds of a clock that is never set back (F91)
 */
export function circuitBreaker(options: {
  name: string
  isTrouble: (error: unknown) => boolean
  refusal: () => Error
  onChange?: (change: { name: string; isOpen: boolean }) => void
  failures?: number
  pause?: number
  now?: () => number
}): CircuitBreaker {
  const { name, isTrouble, refusal, onChange, now = () => performance.now() } = options
  let probeAt = 0
  const untilProbe: IBackoff<{ result: { error: unknown } | { value: unknown } }> = {
    // cockatiel measures by the system's clock; all or nothing makes it ask ours.
    get duration() {
      return now() < probeAt ? Infinity : -Infinity
    },
    next({ result }) {
      const isVerdict = !('error' in result && result.error instanceof Counted) || result.error.isVerdict
      probeAt = now() + (isVerdict ? (options.pause ?? usual.pause) : 0)
      return untilProbe
    },
  }
  const policy = breakerPolicy(handleType(Counted), {
    halfOpenAfter: untilProbe,
    breaker: new ConsecutiveBreaker(options.failures ?? usual.failures),
  })

  let wasOpen = false
  const notice = (isOpen: boolean) => {
    if (isOpen !== wasOpen) onChange?.({ name, isOpen })
    wasOpen = isOpen
  }
  policy.onBreak(() => notice(true))
  policy.onReset(() => notice(false))

  // Half open means that the one call is under way; cockatiel would let the others wait for it without end.
  const isAvailable = () =>
    policy.state === CircuitState.Closed || (policy.state === CircuitState.Open && now() >= probeAt)

  return {
    isAvailable,
    async run(work, signal) {
      if (!isAvailable()) throw refusal()
      try {
        const outcome = await policy.execute(async () => {
          const isProbe = policy.state === CircuitState.HalfOpen
          try {
            return { value: await work() }
          } catch (error) {
            if (signal?.aborted) throw isProbe ? new Counted(error, false) : error
            if (isTrouble(error)) throw new Counted(error, true)
            return { error }
          }
        })
        if ('error' in outcome) throw outcome.error
        return outcome.value
      } catch (error) {
        throw error instanceof Counted ? error.error : error
      }
    },
  }
}
