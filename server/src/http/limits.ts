import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes, RLWrapperTimeouts } from 'rate-limiter-flexible'
import type { Pool } from 'pg'
import type { Config } from '../config/environment.ts'
import { systemClock } from '../clock.ts'
import { Refusal } from './api-error-code.ts'
import { windowCounter } from './window-counter.ts'

/** `points` calls per `seconds` for each key; 0 points means no limit. */
interface Rate {
  points: number
  seconds: number
}

/**
 * Counts one call against a key.
 * @returns a function that refunds a call that failed through our or a provider's fault (T13); never throws
 * @throws {Refusal} TOO_MANY_REQUESTS past the limit, with the seconds to wait
 */
type Take = (key: string) => Promise<() => Promise<void>>

/** Limits on signed-in users' calls, by procedure and account. */
export interface CallLimits {
  /** @throws {Refusal} TOO_MANY_REQUESTS past the limit */
  count: (procedure: string, accountId: string) => void
  /** Refunds one call. */
  doNotCount: (procedure: string, accountId: string) => void
}

export interface Limits {
  calls: CallLimits
  start: Take
  /**
   * Callbacks: those that may belong to one of our attempts are counted by attempt, all others by address, so that junk
   * from behind the same proxy blocks no practice (T14).
   * @throws {Refusal} TOO_MANY_REQUESTS past the limit
   */
  callback: (from: { attemptId: string } | { address: string }) => void
}

/** All limits (contract, section 3), and where each is counted (decision 11). */
export function edgeLimits(
  config: Pick<Config, 'LIMIT_STATUS_PER_MINUTE' | 'LIMIT_START_PER_10_MINUTES' | 'LIMIT_CALLBACK_PER_MINUTE'>,
  store: { pool: Pool; onStoreFailure: (error: unknown) => void },
): Limits {
  const calls = new Map<string, ReturnType<typeof memoryLimit>>()
  const callsOf = (procedure: string) => {
    const known = calls.get(procedure)
    if (known) return known
    const limit = memoryLimit({ points: config.LIMIT_STATUS_PER_MINUTE, seconds: 60 })
    calls.set(procedure, limit)
    return limit
  }
  const callbackRate = { points: config.LIMIT_CALLBACK_PER_MINUTE, seconds: 60 }
  const [byAttempt, byAddress] = [memoryLimit(callbackRate), memoryLimit(callbackRate)]
  return {
    calls: {
      count: (procedure, accountId) => callsOf(procedure).take(accountId),
      doNotCount: (procedure, accountId) => callsOf(procedure).giveBack(accountId),
    },
    start: sharedLimit('start', { points: config.LIMIT_START_PER_10_MINUTES, seconds: 600 }, store),
    callback: (from) => ('attemptId' in from ? byAttempt.take(from.attemptId) : byAddress.take(from.address)),
  }
}

type Limiter = Pick<RateLimiterMemory, 'consume' | 'delete' | 'reward'>

/** Counted per process: for limits that each of several servers may allow in full. */
function memoryLimit({ points, seconds }: Rate): { take: (key: string) => void; giveBack: (key: string) => void } {
  if (points === 0) return { take: () => undefined, giveBack: () => undefined }
  const counter = windowCounter({ points, milliseconds: seconds * 1000 }, systemClock)
  return {
    take(key) {
      const overFor = counter.take(key)
      if (overFor !== undefined) throw tooMany(overFor)
    },
    giveBack: (key) => counter.giveBack(key),
  }
}

function tooMany(milliseconds: number): Refusal {
  return new Refusal('TOO_MANY_REQUESTS', { retryAfter: Math.ceil(milliseconds / 1000) })
}

/** Timeout for a count in PostgreSQL, milliseconds. */
const storeTimeout = 1_000

/**
 * Counted in PostgreSQL, for all servers together. While that fails, counted in this process with the same limit, never
 * without one (decision 11).
 * @param onStoreFailure called for each call that PostgreSQL could not count or refund
 */
function sharedLimit(
  name: string,
  { points, seconds }: Rate,
  { pool, onStoreFailure }: { pool: Pool; onStoreFailure: (error: unknown) => void },
): Take {
  if (points === 0) return async () => async () => undefined
  const options = { keyPrefix: name, points, duration: seconds }
  const inPostgres = new RateLimiterPostgres({
    ...options,
    storeClient: pool,
    storeType: 'pool',
    tableName: 'pms_limits',
    tableCreated: true,
  })
  const shared = new RLWrapperTimeouts({ limiter: inPostgres, timeoutMs: storeTimeout })
  const own = new RateLimiterMemory(options)
  const giveBackTo = (limiter: Limiter, key: string) => async () => {
    await limiter.reward(key).catch(onStoreFailure)
  }
  return async (key) => {
    try {
      await take(shared, seconds, key)
      return giveBackTo(shared, key)
    } catch (error) {
      if (error instanceof Refusal) throw error
      onStoreFailure(error)
      await take(own, seconds, key)
      return giveBackTo(own, key)
    }
  }
}

async function take(limiter: Limiter, seconds: number, key: string): Promise<void> {
  const counted = await consume(limiter, key)
  // Counts expire by the wall clock: one that outlasts its window began before the clock was set back (F91).
  const { isOver, milliseconds } = counted.milliseconds > seconds * 1000 ? await consumeAnew(limiter, key) : counted
  if (isOver) throw tooMany(milliseconds)
}

async function consumeAnew(limiter: Limiter, key: string) {
  await limiter.delete(key)
  return consume(limiter, key)
}

/** @returns milliseconds until the count ends, and whether it is past the limit (which the library throws) */
async function consume(limiter: Limiter, key: string): Promise<{ isOver: boolean; milliseconds: number }> {
  try {
    const { msBeforeNext } = await limiter.consume(key)
    return { isOver: false, milliseconds: msBeforeNext }
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    return { isOver: true, milliseconds: error.msBeforeNext }
  }
}
