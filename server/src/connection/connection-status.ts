import type { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import type { Draining } from '../draining.ts'
import type { CurrentStatus } from './current-status.ts'
import type { ChangeNotices } from '../store/change-notices.ts'
import type { Status } from './status-of.ts'

/** How often a held request looks for itself while no notice can arrive, milliseconds. */
const lookEvery = 1_000

export interface StatusParts {
  status: CurrentStatus
  notices: ChangeNotices
  /** held requests are answered at once when it begins */
  draining: Draining
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
 * @param signal fires when the client has gone; asked for only when the request is held
 * @returns undefined when the account has no such attempt
 */
export function connectionStatus(
  parts: StatusParts,
  accountId: string,
  { attemptId, after, waitSeconds = 0 }: ConnectionStatusInput,
  signal?: () => AbortSignal,
): Promise<StatusAnswer | undefined> | StatusAnswer | undefined {
  const answer = (status: Status | undefined) => {
    if (!status) return undefined
    if (status.said.revision !== after || waitSeconds === 0) return answerOf(status, false)
    return hold(parts, accountId, { attemptId, after, milliseconds: waitSeconds * 1000 }, signal?.())
  }
  const status = parts.status.read(accountId, attemptId)
  return status instanceof Promise ? status.then(answer) : answer(status)
}

/** Does nothing while nothing happens: woken by a notice, by time, by the client that goes or the server that drains. */
async function hold(
  { status, notices, draining }: StatusParts,
  accountId: string,
  { attemptId, after, milliseconds }: { attemptId: string | undefined; after: string; milliseconds: number },
  signal: AbortSignal | undefined,
): Promise<StatusAnswer | undefined> {
  const waitUntil = performance.now() + milliseconds
  let wake = (): void => undefined
  const onWake = (): void => wake()
  // Subscribed before the first look, so that no change falls between a look and the wait for the next.
  const stop = [notices.subscribe(accountId, onWake), draining.onBegin(onWake)]
  signal?.addEventListener('abort', onWake)
  try {
    for (;;) {
      const { promise: woken, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const current = await status.read(accountId, attemptId)
      if (!current) return undefined
      const left = waitUntil - performance.now()
      const isNews = current.said.revision !== after
      if (isNews || left <= 0 || draining.hasBegun() || signal?.aborted) return answerOf(current, isNews)
      const look = notices.isListening() ? left : Math.min(left, lookEvery)
      const timer = setTimeout(onWake, Math.min(look, Math.max(1, current.changesAt - current.at)))
      await woken
      clearTimeout(timer)
    }
  } finally {
    for (const each of stop) each()
    signal?.removeEventListener('abort', onWake)
  }
}

function answerOf({ said, timestamp }: Status, isNews: boolean): StatusAnswer {
  return { status: { ...said, timestamp }, isNews }
}
