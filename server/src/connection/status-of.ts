import { createHash } from 'node:crypto'
import type { ConnectionStatus } from '@pms/shared/connection-status'
import type { ConnectionStep } from '@pms/shared/connection-terms'
import { connectionErrorText, isConnectionErrorCode, type ConnectionErrorCode } from '@pms/shared/errors'
import * as z from 'zod'
import type { StatusFacts } from '../store/status.ts'

/** A status at one point in time. */
export interface Status {
  said: Omit<ConnectionStatus, 'timestamp'>
  /** the database's clock, milliseconds since 1970; `timestamp` is its ISO form */
  at: number
  timestamp: string
  /** when it changes by that clock alone; Infinity if never */
  changesAt: number
}

type Said = Omit<ConnectionStatus, 'revision' | 'timestamp'>

const Metadata = z.object({ practiceName: z.string(), pmsType: z.string() })

/** What the user may choose from. Older servers stored no location. */
const Choices = z.object({
  replaces: z.object({ practiceName: z.string() }).optional(),
  offered: z.array(
    z.object({
      id: z.string(),
      practiceName: z.string(),
      pmsType: z.string(),
      city: z.string().exactOptional(),
      state: z.string().exactOptional(),
      places: z.number().exactOptional(),
      officeId: z.string(),
    }),
  ),
})

const steps = {
  CODE_RECEIVED: 'authorized',
  EXCHANGING: 'authorized',
  KEYS_RECEIVED: 'keys_received',
  STORING: 'practice_found',
} as const satisfies Record<string, ConnectionStep>

/**
 * Derives the status from the two rows and the database's clock (the tables of contract section 5).
 * @param facts with the requested attempt, with one in progress, or with none
 */
export function statusOf(facts: StatusFacts): Status {
  const { said, changesAt } = facts.attemptId === null ? accountStatus(facts) : attemptStatus(facts, facts.attemptId)
  return {
    said: { ...said, revision: revisionOf(said) },
    at: facts.now.getTime(),
    timestamp: facts.now.toISOString(),
    changesAt: changesAt ? changesAt.getTime() : Infinity,
  }
}

function attemptStatus(facts: StatusFacts, attemptId: string): { said: Said; changesAt?: Date } {
  const { attemptStatus: status, now, expiresAt, deadline, workUntil } = facts
  switch (status) {
    case 'CREATED':
      if (!expiresAt || expiresAt <= now) return { said: failed('EXPIRED', attemptId) }
      return { said: { isConnected: false, status: 'pending', attemptId }, changesAt: expiresAt }
    case 'CODE_RECEIVED':
    case 'EXCHANGING':
    case 'KEYS_RECEIVED':
    case 'STORING':
      if (!workUntil || workUntil <= now) return { said: failed('INTERRUPTED', attemptId) }
      return { said: connecting(attemptId, steps[status], deadline ?? workUntil), changesAt: workUntil }
    case 'CHOOSING': {
      if (!deadline || deadline <= now) return { said: failed('EXPIRED', attemptId) }
      const { offered: choices, replaces } = Choices.parse(facts.choices)
      const choice = { choices, ...(replaces ? { replaces: replaces.practiceName } : {}) }
      return { said: { ...connecting(attemptId, 'keys_received', deadline), ...choice }, changesAt: deadline }
    }
    case 'COMPLETED':
      return { said: { ...accountStatus(facts).said, attemptId } }
    case 'CANCELLED':
    case 'FAILED':
    case 'EXPIRED':
    case null:
      return { said: failed(facts.errorCode, attemptId) }
    default: {
      // A newer version of the server wrote a status unknown to this one (F87): report it as in progress.
      const said = connecting(attemptId, 'authorized', deadline ?? now)
      return workUntil && workUntil > now ? { said, changesAt: workUntil } : { said }
    }
  }
}

function connecting(attemptId: string, step: ConnectionStep, deadline: Date): Said {
  return {
    isConnected: false,
    status: 'connecting',
    provider: 'SIKKA',
    attemptId,
    deadline: deadline.toISOString(),
    step,
  }
}

function accountStatus(facts: StatusFacts): { said: Said; changesAt?: Date } {
  const { integrationStatus, metadata, lastError, connectedAt } = facts
  if (integrationStatus === null || integrationStatus === 'INACTIVE') {
    return { said: { isConnected: false, status: 'pending' } }
  }
  const practice = Metadata.parse(metadata)
  const about = { provider: 'SIKKA' as const, practiceName: practice.practiceName, pmsType: practice.pmsType }
  if (integrationStatus === 'ERROR') return { said: { ...failed(lastError), ...about } }
  return {
    said: {
      isConnected: true,
      status: 'connected',
      ...about,
      ...(connectedAt ? { connectedAt: connectedAt.toISOString() } : {}),
    },
  }
}

/** @param stored a code; a newer version of the server may have written one unknown to this one (F87) */
function failed(stored: ConnectionErrorCode | null, attemptId?: string): Said {
  const errorCode = isConnectionErrorCode(stored) ? stored : 'INTERNAL'
  return {
    isConnected: false,
    status: 'failed',
    provider: 'SIKKA',
    error: connectionErrorText[errorCode],
    errorCode,
    ...(attemptId === undefined ? {} : { attemptId }),
  }
}

/** 96 bits of SHA-256 over the status, its keys sorted: the same status always has the same revision. */
function revisionOf(said: Said): string {
  const ordered = JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(ordered).digest('base64url').slice(0, 16)
}
