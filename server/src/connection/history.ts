import type { AuditEvent } from '@pms/prisma/client'
import type { ConnectionHistory, HistoryEventName, HistoryInput } from '@pms/shared/connection-history'
import { isConnectionErrorCode } from '@pms/shared/errors'
import type { HistoryIds } from './history-ids.ts'
import type { ReadHistory } from '../store/history.ts'

/** Total by type: each new audit event needs the name that an account's owner sees. */
const names: Record<AuditEvent, HistoryEventName> = {
  STARTED: 'started',
  AUTHORIZED: 'authorized',
  DENIED: 'denied',
  REJECTED: 'refused',
  CHOSEN: 'chosen',
  CONNECTED: 'connected',
  FAILED: 'failed',
  EXPIRED: 'expired',
  CANCELLED: 'cancelled',
  REFRESHED: 'refreshed',
  RECONNECT_REQUIRED: 'reconnect_required',
  DISCONNECTED: 'disconnected',
}

const defaultLimit = 20

/**
 * What happened to an account's connection, newest first; codes and ids alone.
 * @returns undefined for a cursor that is not this account's
 */
export async function connectionHistory(
  { read, ids }: { read: ReadHistory; ids: HistoryIds },
  accountId: string,
  { cursor, limit = defaultLimit }: HistoryInput,
): Promise<ConnectionHistory | undefined> {
  const before = cursor === undefined ? undefined : ids.open(accountId, cursor)
  if (cursor !== undefined && before === undefined) return undefined
  // One extra row tells whether there is a further page.
  const rows = await read(accountId, before, limit + 1)
  const events = rows.slice(0, limit).map((row) => {
    const event: ConnectionHistory['events'][number] = {
      id: ids.seal(accountId, row.id),
      at: row.at.toISOString(),
      event: names[row.event],
    }
    if (row.attemptId !== null) event.attemptId = row.attemptId
    // Older rows record an attempt that was declined, replaced or ended by a disconnect as denied.
    const isUnclear = row.event === 'CANCELLED' && row.code === 'ACCESS_DENIED'
    if (isConnectionErrorCode(row.code) && !isUnclear) event.errorCode = row.code
    return event
  })
  const last = events.at(-1)
  return { events, ...(rows.length > limit && last ? { nextCursor: last.id } : {}) }
}
