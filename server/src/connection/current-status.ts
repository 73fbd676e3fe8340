import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'
import type { ChangeNotices } from '../store/change-notices.ts'
import type { StatusSource } from '../store/status.ts'
import { statusOf, type Status } from './status-of.ts'

/**
 * How many accounts' statuses are remembered, and of how many attempts of each; and for how long at most, milliseconds:
 * nothing that is remembered can be wrong for longer than that, whatever else is.
 */
export const memory = { accounts: 20_000, ofAccount: 4, ttl: 60_000 } as const

/** The status of an account, or of one of its attempts, as it is now. */
export interface CurrentStatus {
  /** From memory while that is known to hold, else by one look-up. @returns undefined when there is no such attempt */
  read(accountId: string, attemptId: string | undefined): Status | undefined | Promise<Status | undefined>
  /** What this process has just changed: the next answer has it, also before its notice has come. */
  forget(accountId: string): void
}

interface Reading {
  result: Promise<Status | undefined>
  /** something has changed since it began */
  isStale: boolean
}

/**
 * Remembers statuses until a notice says that they have changed, their time is over, or nothing has been heard of
 * PostgreSQL for a while (decision 13). A look-up that began before a notice is not remembered, and nobody who asks
 * after the notice is given it.
 */
export function currentStatus(source: StatusSource, notices: ChangeNotices, clock: Pick<Clock, 'now'>): CurrentStatus {
  const known = new LRUCache<string, Map<string, { status: Status; readAt: number }>>({ max: memory.accounts })
  const readings = new Map<string, Map<string, Reading>>()

  let lastAt = Number.NaN
  let lastWritten = ''

  /** Many are asked in the same millisecond, which takes longer to write than a status to find. */
  function written(at: number): string {
    const whole = Math.floor(at)
    if (whole !== lastAt) {
      lastAt = whole
      lastWritten = new Date(whole).toISOString()
    }
    return lastWritten
  }

  function forget(accountId: string): void {
    known.delete(accountId)
    for (const reading of readings.get(accountId)?.values() ?? []) reading.isStale = true
    readings.delete(accountId)
  }

  notices.follow({
    changed(accountId) {
      if (accountId !== undefined) return forget(accountId)
      known.clear()
      for (const each of readings.keys()) forget(each)
    },
  })

  async function look(accountId: string, attemptId: string | undefined, isStale: () => boolean) {
    const facts = await source.read(accountId, attemptId)
    if (attemptId !== undefined && facts.attemptId === null) return undefined
    const status = statusOf(facts)
    if (!isStale() && notices.isListening()) remember(accountId, attemptId ?? '', status)
    return status
  }

  function remember(accountId: string, about: string, status: Status): void {
    const ofAccount = known.get(accountId) ?? new Map<string, { status: Status; readAt: number }>()
    ofAccount.delete(about)
    for (const oldest of ofAccount.keys()) if (ofAccount.size >= memory.ofAccount) ofAccount.delete(oldest)
    ofAccount.set(about, { status, readAt: clock.now() })
    known.set(accountId, ofAccount)
  }

  function recall(accountId: string, about: string): Status | undefined {
    const remembered = known.get(accountId)?.get(about)
    if (!remembered || !notices.isListening()) return undefined
    const { status, readAt } = remembered
    const age = clock.now() - readAt
    // Reckoned from when the answer came, so never ahead of the database's clock.
    const at = status.at + age
    if (age >= memory.ttl || at >= status.changesAt) return undefined
    const { said, changesAt } = status
    return { said, at, timestamp: written(at), changesAt }
  }

  /** Those who ask while the same is being looked up share it. */
  function share(accountId: string, attemptId: string | undefined): Promise<Status | undefined> {
    const about = attemptId ?? ''
    const ofAccount = readings.get(accountId) ?? new Map<string, Reading>()
    const underWay = ofAccount.get(about)
    if (underWay) return underWay.result
    const result = look(accountId, attemptId, () => reading.isStale).finally(() => {
      if (ofAccount.get(about) === reading) ofAccount.delete(about)
      if (ofAccount.size === 0 && readings.get(accountId) === ofAccount) readings.delete(accountId)
    })
    const reading: Reading = { result, isStale: false }
    ofAccount.set(about, reading)
    readings.set(accountId, ofAccount)
    return result
  }

  return {
    forget,
    read: (accountId, attemptId) => recall(accountId, attemptId ?? '') ?? share(accountId, attemptId),
  }
}

/** Read your own writes: drops the cached status after a local change. Other servers hear of it by NOTIFY. */
export function afterwardsForget(status: Pick<CurrentStatus, 'forget'>) {
  return async <Result>(accountId: string, change: Promise<Result>): Promise<Result> => {
    try {
      return await change
    } finally {
      status.forget(accountId)
    }
  }
}
