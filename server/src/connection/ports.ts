/**
 * What the use cases need of the rooms below, said narrowly: `sikka`, `vault` and `store` fit these
 * types without knowing them, and `compose.ts` puts them together.
 */
import type { AttemptStatus, CallbackAnswer, IntegrationStatus } from '@pms/prisma/client'
import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { Redacted } from '../config/redacted.ts'

interface AttemptKey {
  accountId: string
  nonceHash: Uint8Array<ArrayBuffer>
  browserHash: Uint8Array<ArrayBuffer>
}

interface FoundAttempt {
  id: string
  accountId: string
  browserHash: Uint8Array
  status: AttemptStatus
  answer: CallbackAnswer | null
  expired: boolean
}

export type Return =
  | { to: 'CODE_RECEIVED' }
  | { to: 'CANCELLED'; errorCode: 'ACCESS_DENIED' }
  | { to: 'FAILED'; errorCode: 'PROVIDER_ERROR' }

export interface Attempts {
  create(attempt: AttemptKey & { requestId: string }): Promise<{ id: string; createdAt: Date; expiresAt: Date }>
  take(key: AttemptKey & { requestId: string }, change: Return): Promise<{ id: string; claimedAt: Date } | undefined>
  find(nonceHash: Uint8Array<ArrayBuffer>): Promise<FoundAttempt | undefined>
  expire(attemptId: string, requestId: string): Promise<void>
  reject(attempt: { id: string; accountId: string }, reason: string, requestId: string): Promise<void>
  recordKeys(attemptId: string): Promise<boolean>
  reserveOffice(
    attempt: { id: string; accountId: string },
    officeId: string,
  ): Promise<'reserved' | 'busy' | 'taken' | 'replaces' | 'lost'>
  fail(attemptId: string, errorCode: ConnectionErrorCode, requestId: string): Promise<boolean>
  answerOnce(attemptId: string, answer: CallbackAnswer): Promise<CallbackAnswer>
}

export interface Integrations {
  activate(
    attempt: { id: string; accountId: string },
    practice: {
      officeId: string
      practiceName: string
      pmsType: string
      secretArn: string
      secretVersionId: string
      tokenExpiresAt: Date
    },
    requestId: string,
  ): Promise<'active' | 'taken' | 'lost'>
}

export interface Grant {
  requestKey: Redacted
  refreshKey: Redacted | undefined
  issuedTo: string | undefined
  expiresAt: Date
}

export interface Practice {
  officeId: string
  secretKey: Redacted
  practiceId: string
  practiceName: string
  pmsType: string
}

/** `practice` is missing where the item cannot be used. */
export interface ListedPractice {
  officeId: string | undefined
  practice: Practice | undefined
}

export interface Sikka {
  authorizationUrl(state: string): string
  exchangeCode(code: Redacted, signal: AbortSignal): Promise<Grant>
  practicePages(
    requestKey: Redacted,
    signal: AbortSignal,
  ): AsyncGenerator<{ listed: ListedPractice[]; isWhole: boolean }, void>
}

export interface Vault {
  write(
    accountId: string,
    versionId: string,
    keys: Practice & { requestKey: Redacted; refreshKey: Redacted | undefined; tokenExpiry: Date },
    signal: AbortSignal,
  ): Promise<{ secretArn: string; secretVersionId: string }>
}

export interface StatusSource {
  read(accountId: string, attemptId: string | undefined): Promise<StatusFacts>
}

/** The two rows that a status is made of, and the database's clock. */
export interface StatusFacts {
  now: Date
  integrationStatus: IntegrationStatus | null
  metadata: unknown
  lastError: ConnectionErrorCode | null
  connectedAt: Date | null
  attemptId: string | null
  attemptStatus: AttemptStatus | null
  errorCode: ConnectionErrorCode | null
  expiresAt: Date | null
  claimedAt: Date | null
  workUntil: Date | null
}

export interface ChangeNotices {
  subscribe(accountId: string, onChange: () => void): () => void
  isListening(): boolean
}
