import type { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import type { Draining } from '../draining.ts'
import type { CurrentStatus } from './current-status.ts'
import type { ChangeNotices } from '../store/change-notices.ts'
import type { Status } from './status-of.ts'

/** How often a held request polls while no notification can arrive, milliseconds. */
const lookEvery = 1_000

export interface StatusParts {
  status: CurrentStatus
  notices: ChangeNotices
  /** when it begins, held requests are answered at once */
  draining: Draining
}

/** The answer to a caller. */
export interface StatusAnswer {
  status: ConnectionStatus
  /** the status changed while the request was held */
  isNews: boolean
}

/**
 * The status of an account or of one of its attempts. Holds the request while the caller's revision is current, for as
 * long as the caller allows.
 * @param signal fires when the client has gone; called only when the request is held
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

/** Sleeps until a notification, a timer, the client's disconnect or the server's draining wakes it. */
async function hold(
  { status, notices, draining }: StatusParts,
  accountId: string,
  { attemptId, after, milliseconds }: { attemptId: string | undefined; after: string; milliseconds: number },
  signal: AbortSignal | undefined,
): Promise<StatusAnswer | undefined> {
  const waitUntil = performance.now() + milliseconds
  let wake = (): void => undefined
  const onWake = (): void => wake()
  // Subscribe before the first read, so that no change is missed between a read and the next wait.
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
