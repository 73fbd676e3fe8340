import { randomBytes } from 'node:crypto'
import { withSession } from '@pms/prisma/session'
import pg from 'pg'
import type { Logger } from 'pino'
import { systemClock, type Clock } from '../clock.ts'

/** The channels that the migrations' triggers notify, with the account's id. */
const channels = { changed: 'pms_changes', accountGone: 'pms_accounts_gone' } as const

/** Notifies of every change to an account's integration or attempts, by any process. */
export interface ChangeNotices {
  /** Calls back at each change of the account, and when notifications may have been lost. @returns how to stop it */
  subscribe(accountId: string, onChange: () => void): () => void
  /** number of subscriptions */
  waiting(): number
  /** Adds a follower of all accounts, called before subscribers. */
  follow(follower: ChangeFollower): void
  /** Whether every change committed over two seconds ago was notified; while false, query the database. */
  isListening(): boolean
  close(): Promise<void>
}

interface ChangeFollower {
  /** An account's integration or attempts changed; undefined: any account's may have (lost notifications). */
  changed?: (accountId: string | undefined) => void
  /** An account was deleted, or may have been. */
  accountGone?: () => void
}

/**
 * Milliseconds: interval of the pulse sent through PostgreSQL and back, time without one before the connection is
 * distrusted, and the pause before reconnecting, which grows from the first to the last.
 */
const times = { pulse: 500, silence: 2_000, answer: 2_000, firstPause: 100, lastPause: 5_000, goodbye: 500 } as const

/**
 * One LISTEN connection, reopened when lost. PostgreSQL delivers notifications in commit order, so a returned pulse
 * proves that every earlier notification has arrived. It tells an idle connection from a silently dead one, a pooler
 * that swallows notifications and a process that was paused. Prisma cannot LISTEN; only this file uses the driver
 * directly.
 */
export function listenForChanges(databaseUrl: string, log: Logger, clock: Clock = systemClock): ChangeNotices {
  const subscribers = new Map<string, Set<() => void>>()
  const followers: ChangeFollower[] = []
  const pulseChannel = `pms_pulse_${randomBytes(8).toString('hex')}`
  let client: pg.Client | undefined
  /** when the last returned pulse was sent */
  let heardAt = -Infinity
  let missed = 0
  let closed = false
  let failures = 0
  let retry: NodeJS.Timeout | undefined

  function tell(accountId: string): void {
    if (accountId === '') return tellAll()
    for (const { changed } of followers) changed?.(accountId)
    for (const callback of subscribers.get(accountId) ?? []) callback()
  }

  function tellAll(): void {
    for (const { changed, accountGone } of followers) {
      changed?.(undefined)
      accountGone?.()
    }
    for (const callbacks of subscribers.values()) for (const callback of callbacks) callback()
  }

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: withSession(databaseUrl),
      application_name: 'pms-notices',
      connectionTimeoutMillis: times.answer,
      query_timeout: times.answer,
      keepAlive: true,
    })
    client = next
    heardAt = -Infinity
    missed = 0
    next.on('notification', ({ channel, payload = '' }) => {
      if (client !== next) return
      if (channel === channels.changed) tell(payload)
      else if (channel === channels.accountGone) for (const { accountGone } of followers) accountGone?.()
      else hear(Number(payload))
    })
    next.on('error', (error) => lose(next, error))
    next.on('end', () => lose(next))
    try {
      await next.connect()
      for (const channel of [...Object.values(channels), pulseChannel]) await next.query(`LISTEN ${channel}`)
      sendPulse()
    } catch (error) {
      lose(next, error)
    }
  }

  function hear(sentAt: number): void {
    const isFirst = heardAt === -Infinity
    heardAt = sentAt
    missed = 0
    failures = 0
    // Changes made while not listening are unknown.
    if (isFirst) tellAll()
  }

  function sendPulse(): void {
    const through = client
    const notify = `SELECT pg_notify('${pulseChannel}', '${clock.now()}')`
    through?.query(notify).catch((error: unknown) => lose(through, error))
  }

  /** Counts beats, not time: after a process was paused, its pulse may still be in flight. */
  function beat(): void {
    const through = client
    if (!through) return
    if (missed >= times.silence / times.pulse) lose(through, new Error('No notice has come back from PostgreSQL'))
    else if (missed === 0 && heardAt > -Infinity) sendPulse()
    missed += 1
  }

  function lose(lost: pg.Client, error?: unknown): void {
    if (client !== lost) return
    client = undefined
    heardAt = -Infinity
    if (closed) return
    lost.connection.stream.destroy()
    failures += 1
    if (failures === 1) log.warn({ err: error }, 'change notices lost; listening again')
    // Subscribers query the database from now on.
    tellAll()
    retry = setTimeout(() => void connect(), Math.min(times.lastPause, times.firstPause * 2 ** failures))
  }

  const beating = setInterval(beat, times.pulse)
  void connect()

  return {
    subscribe(accountId, onChange) {
      const callbacks = subscribers.get(accountId) ?? new Set()
      callbacks.add(onChange)
      subscribers.set(accountId, callbacks)
      return () => {
        callbacks.delete(onChange)
        if (callbacks.size === 0 && subscribers.get(accountId) === callbacks) subscribers.delete(accountId)
      }
    },
    waiting() {
      let count = 0
      for (const callbacks of subscribers.values()) count += callbacks.size
      return count
    },
    follow: (follower) => void followers.push(follower),
    isListening: () => clock.now() - heardAt < times.silence,
    async close() {
      closed = true
      clearTimeout(retry)
      clearInterval(beating)
      const last = client
      if (!last) return
      const late = setTimeout(() => last.connection.stream.destroy(), times.goodbye)
      await last.end().catch(() => undefined)
      clearTimeout(late)
    },
  }
}
