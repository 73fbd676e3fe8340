import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'
import type { ChangeNotices } from '../store/change-notices.ts'
import type { StatusSource } from '../store/status.ts'
import { statusOf, type Status } from './status-of.ts'

/**
 * Cache limits: accounts, statuses of each account, and time to live in milliseconds. Whatever goes wrong, a cached
 * status is never outdated for longer than that.
 */
export const memory = { accounts: 20_000, ofAccount: 4, ttl: 60_000 } as const

/** The status of an account, or of one of its attempts, as it is now. */
export interface CurrentStatus {
  /** From the cache while that is valid, else by one query. @returns undefined when there is no such attempt */
  read(accountId: string, attemptId: string | undefined): Status | undefined | Promise<Status | undefined>
  /** Drops an account's cached statuses after a local change, before its notification arrives. */
  forget(accountId: string): void
}

interface Reading {
  result: Promise<Status | undefined>
  /** something has changed since the query began */
  isStale: boolean
}

/**
 * Caches statuses until a notification says that they have changed, their time is over, or PostgreSQL has been silent
 * for a while (decision 13). The result of a query that began before a notification is not cached, and answers no
 * request made after it.
 */
export function currentStatus(source: StatusSource, notices: ChangeNotices, clock: Pick<Clock, 'now'>): CurrentStatus {
  const known = new LRUCache<string, Map<string, { status: Status; readAt: number }>>({ max: memory.accounts })
  const readings = new Map<string, Map<string, Reading>>()

  let lastAt = Number.NaN
  let lastWritten = ''

  /** Cached for each millisecond: formatting a time takes longer than finding a status. */
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
    // Counted from the answer's arrival, so never ahead of the database's clock.
    const at = status.at + age
    if (age >= memory.ttl || at >= status.changesAt) return undefined
    const { said, changesAt } = status
    return { said, at, timestamp: written(at), changesAt }
  }

  /** Concurrent requests for the same status share one query. */
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
