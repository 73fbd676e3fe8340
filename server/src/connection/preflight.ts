import { ConnectionFailure } from '../failure.ts'

/** What a consent needs besides the database, by its name in logs and metrics. */
export const preflightChecks = ['secrets_manager', 'sikka', 'sign_in'] as const
export type CheckName = (typeof preflightChecks)[number]

/**
 * - `ok`: our settings are accepted;
 * - `wrong`: they are refused until an operator changes something (`ConnectionFailure` CONFIG);
 * - `away`: no conclusive answer.
 */
type Verdict = 'ok' | 'wrong' | 'away'

export interface Check {
  /** Changes nothing. @throws {ConnectionFailure} CONFIG when our settings are refused; no other error is a verdict */
  run: (signal: AbortSignal) => Promise<void>
  /** what an operator has to check */
  advice: string
  /** shortest time between two runs, milliseconds, however many callers ask */
  spacing: number
}

interface Log {
  error(details: object, message: string): void
  warn(details: object, message: string): void
  info(details: object, message: string): void
}

/** Milliseconds: longest run of one check, interval between runs by verdict, and how often to look for due checks. */
export const preflightTimes = {
  longest: 4_000,
  again: { ok: 600_000, wrong: 60_000, away: 60_000 },
  look: 5_000,
} as const

/** Checks what a consent needs before a user is sent to Sikka for one (S12). */
export interface Preflight {
  /** Runs the checks that are due: at first, all of them. Never throws. */
  runDue(): Promise<void>
  /** Reruns every check as soon as its spacing allows: a call was refused because of our settings. Never throws. */
  suspect(): Promise<void>
  /**
   * Rechecks what was wrong, so that an operator who has fixed it need not wait.
   * @throws {ConnectionFailure} PROVIDER_UNAVAILABLE while our settings are refused
   */
  demandOk(): Promise<void>
  verdicts(): Readonly<Record<CheckName, Verdict>>
}

/** @param now milliseconds of a clock that is never set back */
export function preflight(
  checks: Readonly<Record<CheckName, Check>>,
  log: Log,
  now: () => number = () => performance.now(),
): Preflight {
  const states = Object.fromEntries(
    preflightChecks.map((name) => [name, { verdict: 'ok', ranAt: -Infinity, running: undefined }]),
  ) as Record<CheckName, { verdict: Verdict; ranAt: number; running: Promise<void> | undefined }>

  async function judge(name: CheckName): Promise<{ verdict: Verdict | undefined; error?: unknown }> {
    try {
      await within(checks[name].run, preflightTimes.longest)
      return { verdict: 'ok' }
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) return { verdict: 'away', error }
      if (error.code === 'CONFIG') return { verdict: 'wrong', error }
      // A rate limit is no verdict.
      return { verdict: error.reason === 'limited' ? undefined : 'away', error }
    }
  }

  async function runOne(name: CheckName): Promise<void> {
    const state = states[name]
    const { verdict, error } = await judge(name)
    state.ranAt = now()
    // Refused settings stay refused until a check accepts them.
    if (verdict === undefined || (verdict === 'away' && state.verdict === 'wrong')) return
    const before = state.verdict
    state.verdict = verdict
    if (verdict === before) return
    if (verdict === 'ok') log.info({ check: name }, 'preflight passes again')
    else if (verdict === 'away') log.warn({ check: name, err: error }, 'preflight got no answer; trying again')
    else {
      log.error(
        { check: name, err: error },
        `preflight failed: our settings are refused, so no connection is started. ${checks[name].advice}`,
      )
    }
  }

  /** One run at a time; concurrent callers share it. */
  function run(name: CheckName): Promise<void> {
    const state = states[name]
    state.running ??= runOne(name).finally(() => {
      state.running = undefined
    })
    return state.running
  }

  async function runThose(isWanted: (name: CheckName) => boolean): Promise<void> {
    await Promise.all(preflightChecks.filter(isWanted).map(run))
  }

  const age = (name: CheckName) => now() - states[name].ranAt
  const wrong = () => preflightChecks.filter((name) => states[name].verdict === 'wrong')

  return {
    runDue: () => runThose((name) => age(name) >= preflightTimes.again[states[name].verdict]),
    suspect: () => runThose((name) => age(name) >= checks[name].spacing),
    async demandOk() {
      await runThose((name) => states[name].verdict === 'wrong' && age(name) >= checks[name].spacing)
      const refused = wrong()
      if (refused.length === 0) return
      throw new ConnectionFailure('PROVIDER_UNAVAILABLE', `Not started: preflight failed for ${refused.join(', ')}`)
    },
    verdicts: () =>
      Object.fromEntries(preflightChecks.map((name) => [name, states[name].verdict])) as Record<CheckName, Verdict>,
  }
}

/** @throws {Error} when the time is over, even if the work ignores its signal */
async function within(work: (signal: AbortSignal) => Promise<void>, milliseconds: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const stop = new AbortController()
  const timer = setTimeout(() => {
    stop.abort()
    reject(new Error(`No verdict within ${milliseconds} ms`))
  }, milliseconds)
  try {
    await Promise.race([work(stop.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
