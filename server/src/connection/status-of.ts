import { createHash } from 'node:crypto'
import { connectionDeadlineSeconds, type ConnectionStatus, type ConnectionStep } from '@pms/shared/connection-status'
import { connectionErrorText, type ConnectionErrorCode } from '@pms/shared/errors'
import * as z from 'zod'
import type { StatusFacts } from './ports.ts'

/** A status, and when it changes by the clock alone: milliseconds from now, if ever. */
export interface Status {
  answer: ConnectionStatus
  changesIn: number | undefined
}

type Said = Omit<ConnectionStatus, 'revision' | 'timestamp'>

const Metadata = z.object({ practiceName: z.string(), pmsType: z.string() })

const steps = {
  CODE_RECEIVED: 'authorized',
  KEYS_RECEIVED: 'keys_received',
  STORING: 'practice_found',
} as const satisfies Record<string, ConnectionStep>

/**
 * The answer from the two rows and the database's clock (the tables of contract section 5).
 * @param facts with the attempt that was asked for, or with one in progress, or with none
 */
export function statusOf(facts: StatusFacts): Status {
  const { said, changesAt } = facts.attemptId === null ? accountStatus(facts) : attemptStatus(facts, facts.attemptId)
  return {
    answer: { ...said, revision: revisionOf(said), timestamp: facts.now.toISOString() },
    changesIn: changesAt ? Math.max(0, changesAt.getTime() - facts.now.getTime()) : undefined,
  }
}

function attemptStatus(facts: StatusFacts, attemptId: string): { said: Said; changesAt?: Date } {
  const { attemptStatus: status, now, expiresAt, claimedAt, workUntil } = facts
  switch (status) {
    case 'CREATED':
      if (!expiresAt || expiresAt <= now) return { said: failed('EXPIRED', attemptId) }
      return { said: { isConnected: false, status: 'pending', attemptId }, changesAt: expiresAt }
    case 'CODE_RECEIVED':
    case 'KEYS_RECEIVED':
    case 'STORING': {
      if (!claimedAt || !workUntil || workUntil <= now) return { said: failed('INTERRUPTED', attemptId) }
      const deadline = new Date(claimedAt.getTime() + connectionDeadlineSeconds * 1000).toISOString()
      return {
        said: { isConnected: false, status: 'connecting', provider: 'SIKKA', attemptId, deadline, step: steps[status] },
        changesAt: workUntil,
      }
    }
    case 'COMPLETED':
      return { said: { ...accountStatus(facts).said, attemptId } }
    case 'CANCELLED':
    case 'FAILED':
    case 'EXPIRED':
    case null:
      return { said: failed(facts.errorCode ?? 'INTERNAL', attemptId) }
  }
}

function accountStatus(facts: StatusFacts): { said: Said; changesAt?: Date } {
  const { integrationStatus, metadata, lastError, connectedAt } = facts
  if (integrationStatus === null || integrationStatus === 'INACTIVE') {
    return { said: { isConnected: false, status: 'pending' } }
  }
  const practice = Metadata.parse(metadata)
  const about = { provider: 'SIKKA' as const, practiceName: practice.practiceName, pmsType: practice.pmsType }
  if (integrationStatus === 'ERROR') return { said: { ...failed(lastError ?? 'INTERNAL'), ...about } }
  return {
    said: {
      isConnected: true,
      status: 'connected',
      ...about,
      ...(connectedAt ? { connectedAt: connectedAt.toISOString() } : {}),
    },
  }
}

function failed(errorCode: ConnectionErrorCode, attemptId?: string): Said {
  return {
    isConnected: false,
    status: 'failed',
    provider: 'SIKKA',
    error: connectionErrorText[errorCode],
    errorCode,
    ...(attemptId === undefined ? {} : { attemptId }),
  }
}

/** 96 bits of SHA-256 over what is said, its keys in order: the same status always has the same revision. */
function revisionOf(said: Said): string {
  const ordered = JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(ordered).digest('base64url').slice(0, 16)
}
