import type { Caller } from './caller.ts'

/** Stands before an upstream that is in trouble, so that nobody waits for what will fail, and it may recover. */
export interface CircuitBreaker {
  /**
   * Does the work, unless the breaker is open.
   * @param signal the caller's: work that it ended says nothing of the upstream
   * @throws the work's own error; `refusal()` at once while the breaker is open
   */
  run<Result>(caller: Caller, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
  /** Milliseconds until people's calls are let through again; 0 while they are. */
  closedFor(): number
}

export interface BreakerOptions {
  name: string
  /** whether an error is the upstream's: transport, 5xx, and never a refusal */
  isTrouble: (error: unknown) => boolean
  refusal: () => Error
  /** hears when it opens and when it closes again, not of the tries between */
  onChange?: (change: { name: string; isOpen: boolean }) => void
  /** milliseconds of a clock that is never set back (F91) */
  now?: () => number
}

/** Failures in a row that open it, and the accounts that they have to come from: one or two may be in trouble alone (T9). */
const mostFailures = 5
const fewestAccounts = 3
/** Milliseconds until one call may try whether it is over. */
const pause = 10_000

/**
 * Two breakers for one upstream (T8): people's calls and background calls each open their own.
 * Each opens after five failures in a row of at least three accounts.
 */
export function circuitBreaker(options: BreakerOptions): CircuitBreaker {
  const people = breaker(options)
  const background = breaker({ ...options, name: `${options.name}, in the background` })
  return {
    run: (caller, work, signal) => (caller.isWaitedFor ? people : background).run(caller.accountId, work, signal),
    closedFor: people.closedFor,
  }
}

function breaker({ name, isTrouble, refusal, onChange, now = () => performance.now() }: BreakerOptions) {
  let failures = 0
  const failed = new Set<string>()
  /** When one call may try, while it is open. */
  let triesAt: number | undefined
  let isTrying = false
  let lastToTry: string | undefined

  function close(): void {
    failures = 0
    failed.clear()
    if (triesAt === undefined) return
    triesAt = lastToTry = undefined
    onChange?.({ name, isOpen: false })
  }

  function fail(accountId: string): void {
    failures += 1
    failed.add(accountId)
    if (failures < mostFailures || failed.size < fewestAccounts) return
    triesAt = now() + pause
    onChange?.({ name, isOpen: true })
  }

  /** One at a time. An account that fails twice in a row may be in trouble alone: it holds up nobody any more. */
  async function tryOnce<Result>(accountId: string, work: () => Promise<Result>, signal: AbortSignal | undefined) {
    const isNews = lastToTry !== accountId
    lastToTry = accountId
    if (isNews) isTrying = true
    try {
      const result = await work()
      close()
      return result
    } catch (error) {
      if (signal?.aborted) lastToTry = undefined
      else if (!isTrouble(error)) close()
      else if (isNews) triesAt = now() + pause
      throw error
    } finally {
      if (isNews) isTrying = false
    }
  }

  const closedFor = () => (triesAt === undefined ? 0 : isTrying ? pause : Math.max(0, triesAt - now()))

  return {
    closedFor,
    async run<Result>(accountId: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
      if (closedFor() > 0) throw refusal()
      if (triesAt !== undefined) return tryOnce(accountId, work, signal)
      try {
        const result = await work()
        // Work that was under way when it opened decides nothing.
        if (triesAt === undefined) close()
        return result
      } catch (error) {
        if (triesAt === undefined && !signal?.aborted) {
          if (isTrouble(error)) fail(accountId)
          else close()
        }
        throw error
      }
    },
  }
}
