import pg from 'pg'
import type { Logger } from 'pino'

/** The channel that the triggers of the migrations notify, with the account's id. */
const channel = 'pms_changes'

/** Learns of every change of an account's integration or attempts, by whichever process it was made. */
export interface ChangeNotices {
  /** Calls back at each change of the account, and when notices may have been lost. @returns how to stop it */
  subscribe(accountId: string, onChange: () => void): () => void
  /** false while the connection is down: no notice arrives, so look yourself */
  isListening(): boolean
  close(): Promise<void>
}

/**
 * One LISTEN connection, opened anew with a growing pause (0.1 to 5 seconds) when it is lost. Prisma
 * cannot listen; this is the one place that uses the driver itself.
 */
export function listenForChanges(databaseUrl: string, log: Logger): ChangeNotices {
  const subscribers = new Map<string, Set<() => void>>()
  let client: pg.Client | undefined
  let listening = false
  let closed = false
  let failures = 0
  let retry: NodeJS.Timeout | undefined

  function notifyAll(): void {
    for (const callbacks of subscribers.values()) for (const callback of callbacks) callback()
  }

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000, keepAlive: true })
    client = next
    next.on('notification', ({ payload }) => {
      for (const callback of subscribers.get(payload ?? '') ?? []) callback()
    })
    next.on('error', (error) => lose(next, error))
    next.on('end', () => lose(next))
    try {
      await next.connect()
      await next.query(`LISTEN ${channel}`)
      if (closed) return
      listening = true
      failures = 0
      // What changed while nobody listened is unknown.
      notifyAll()
    } catch (error) {
      lose(next, error)
    }
  }

  function lose(lost: pg.Client, error?: unknown): void {
    if (client !== lost) return
    client = undefined
    listening = false
    if (closed) return
    lost.end().catch(() => undefined)
    failures += 1
    if (failures === 1) log.warn({ err: error }, 'change notices lost; listening again')
    // Whoever waits looks for itself from now on.
    notifyAll()
    retry = setTimeout(() => void connect(), Math.min(5_000, 100 * 2 ** failures))
  }

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
    isListening: () => listening,
    async close() {
      closed = true
      clearTimeout(retry)
      await client?.end().catch(() => undefined)
    },
  }
}
