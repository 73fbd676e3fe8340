import type { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import type { ChangeNotices, StatusSource } from './ports.ts'
import { statusOf, type Status } from './status-of.ts'

/**
 * How often a held request looks for itself, milliseconds: while no notice can arrive, and otherwise, for a
 * connection that is dead and does not say so.
 */
const lookEvery = { deaf: 1_000, listening: 10_000 } as const

export interface StatusParts {
  status: StatusSource
  notices: ChangeNotices
  /** fires when the server drains: held requests then answer at once */
  draining: AbortSignal
}

/** What a caller is told. */
export interface StatusAnswer {
  status: ConnectionStatus
  /** it changed while the caller waited for that */
  isNews: boolean
}

/**
 * The status of an account or of one of its attempts; held while it is still the one that the caller
 * knows, for as long as the caller allows.
 * @param signal fires when the client has gone
 * @returns undefined when the account has no such attempt
 */
export async function connectionStatus(
  parts: StatusParts,
  accountId: string,
  input: ConnectionStatusInput,
  signal?: AbortSignal,
): Promise<StatusAnswer | undefined> {
  const waitUntil = performance.now() + (input.after === undefined ? 0 : (input.waitSeconds ?? 0) * 1000)
  const watch = watchAccount(parts.notices, accountId)
  let hasWaited = false
  try {
    for (;;) {
      const changed = watch.nextChange()
      const status = await readStatus(parts.status, accountId, input.attemptId)
      const left = waitUntil - performance.now()
      const over = left <= 0 || parts.draining.aborted || signal?.aborted
      if (!status) return undefined
      const isNew = status.answer.revision !== input.after
      if (over || isNew) return { status: status.answer, isNews: hasWaited && isNew }
      hasWaited = true
      const look = parts.notices.isListening() ? lookEvery.listening : lookEvery.deaf
      await firstOf(changed, Math.min(left, look, status.changesIn ?? left), [
        parts.draining,
        ...(signal ? [signal] : []),
      ])
    }
  } finally {
    watch.stop()
  }
}

async function readStatus(source: StatusSource, accountId: string, attemptId?: string): Promise<Status | undefined> {
  const facts = await source.read(accountId, attemptId)
  return attemptId !== undefined && facts.attemptId === null ? undefined : statusOf(facts)
}

/** Subscribed before the first look, so that no change falls between a look and the wait for the next. */
function watchAccount(notices: ChangeNotices, accountId: string) {
  let wake = Promise.withResolvers<void>()
  const stop = notices.subscribe(accountId, () => wake.resolve())
  return {
    nextChange() {
      wake = Promise.withResolvers<void>()
      return wake.promise
    },
    stop,
  }
}

function firstOf(changed: Promise<void>, milliseconds: number, signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    for (const signal of signals) signal.addEventListener('abort', done)
    void changed.then(done)
  })
}
