/**
 * What the use cases need of the rooms below, said narrowly: `sikka`, `vault` and `store` fit these
 * types without knowing them, and `compose.ts` puts them together.
 */
import type { AttemptStatus, AuditEvent, CallbackAnswer, IntegrationStatus } from '@pms/prisma/client'
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

export interface AttemptId {
  id: string
  accountId: string
}

/** An attempt in the hands of one worker. */
export interface Held extends AttemptId {
  leaseToken: number
}

export interface Attempts {
  create(
    attempt: AttemptKey & { id: string; requestId: string },
  ): Promise<{ id: string; createdAt: Date; expiresAt: Date }>
  take(key: AttemptKey & { requestId: string }, change: Return): Promise<{ id: string; leaseToken: number } | undefined>
  find(nonceHash: Uint8Array<ArrayBuffer>): Promise<FoundAttempt | undefined>
  expire(attemptId: string, requestId: string | undefined): Promise<void>
  reject(attempt: AttemptId, reason: string, requestId: string): Promise<void>
  answerOnce(attemptId: string, answer: CallbackAnswer): Promise<CallbackAnswer>
}

/** Tells offices of one name apart (P15); each part is there where Sikka says it. */
interface Whereabouts {
  city?: string | undefined
  state?: string | undefined
  /** number of places, where there are several */
  places?: number | undefined
}

/** What the user is offered, with what only the server knows of it. */
export interface Choices {
  replaces: { officeId: string; practiceName: string } | undefined
  offered: ({ id: string; officeId: string; practiceName: string; pmsType: string } & Whereabouts)[]
}

export interface Work {
  renewLease(attempt: Held): Promise<boolean>
  handBack(attempt: Held): Promise<boolean>
  takeOver(
    attempt: AttemptId,
  ): Promise<(Held & { status: AttemptStatus; officeId: string | undefined; choices: Choices | undefined }) | undefined>
  startExchange(attempt: Held): Promise<boolean>
  recordKeys(attempt: Held): Promise<Date | undefined>
  offerChoices(attempt: Held, choices: Choices, grantArn: string): Promise<boolean>
  grantArn(attemptId: string): Promise<string | undefined>
  offered(attempt: AttemptId): Promise<Choices | undefined>
  choose(attempt: AttemptId, officeId: string, requestId: string): Promise<Held | undefined>
  isAnyOfOthers(accountId: string, officeIds: readonly string[]): Promise<boolean>
  wouldReplace(accountId: string, officeId: string): Promise<Choices['replaces']>
  reserveOffice(
    attempt: Held,
    officeId: string,
    mayReplace: string | undefined,
    isNamed: boolean,
  ): Promise<
    | { secretArn: string | undefined }
    | 'busy'
    | 'taken'
    | 'unproven'
    | 'lost'
    | { replaces: { officeId: string; practiceName: string } }
  >
  fail(attempt: Held, errorCode: ConnectionErrorCode, requestId: string | undefined): Promise<boolean>
  failOverdue(attemptId: string): Promise<void>
  expireChoice(attemptId: string): Promise<void>
  statusOf(attemptId: string): Promise<AttemptStatus | undefined>
  nextLook(attemptId: string): Promise<{ status: AttemptStatus; seconds: number } | undefined>
  watch(attempt: AttemptId, after: number): Promise<void>
  releaseGrant(attempt: AttemptId, secretArn: string | undefined): Promise<void>
}

interface KeysInUse {
  secretArn: string
  secretVersionId: string
}

export interface RefreshLease extends KeysInUse {
  id: string
  accountId: string
  officeId: string
  generation: number
  leaseToken: number
  now: Date
  keysMissing: boolean
}

export interface Integrations {
  activate(
    attempt: Held,
    practice: KeysInUse & {
      officeId: string
      practiceName: string
      pmsType: string
      isSettled: boolean
      tokenExpiresAt: Date
    },
    requestId: string | undefined,
  ): Promise<'active' | 'taken' | 'lost'>
  leaseForRefresh(integrationId: string): Promise<RefreshLease | undefined>
  isRefreshDue(integrationId: string): Promise<boolean>
  saveRefreshed(lease: RefreshLease, keys: { secretVersionId: string; tokenExpiresAt: Date }): Promise<boolean>
  endRefresh(lease: RefreshLease): Promise<void>
  holdsRefresh(lease: RefreshLease): Promise<boolean>
  requireReconnect(lease: RefreshLease, errorCode: ConnectionErrorCode): Promise<boolean>
  noteKeysMissing(lease: RefreshLease): Promise<'first' | 'still' | 'too long'>
  noteKeysFound(lease: RefreshLease): Promise<void>
  disconnect(accountId: string, requestId: string): Promise<void>
  secretNeed(
    accountId: string,
  ): Promise<{ secretArn: string | undefined; inUse: KeysInUse | undefined; storing: boolean }>
  lastStored(count: number): Promise<KeysInUse[]>
  keysInUse(of: { accountId: string; officeIds: readonly string[] }): Promise<KeysInUse[]>
  requestSettling(accountId: string): Promise<void>
}

/** What opens a practice's data for a while, and what renews it. */
export interface KeyPair {
  requestKey: Redacted
  refreshKey: Redacted | undefined
}

export interface Grant extends KeyPair {
  issuedTo: string | undefined
  /** where Sikka has not named the office: those that it listed for these keys, so far as they were read */
  listed?: readonly string[] | undefined
  expiresAt: Date
}

export interface Practice extends Whereabouts {
  officeId: string
  /** as Sikka writes it, where that differs */
  writtenOfficeId?: string | undefined
  secretKey: Redacted
  practiceId: string
  practiceName: string
  pmsType: string
}

/** What is left of the calls that an attempt may spend on the list of practices. */
export interface ListCalls {
  left: number
}

/** `practice` is missing where the item cannot be used. */
export interface ListedPractice {
  officeId: string | undefined
  practice: Practice | undefined
}

export interface Sikka {
  authorizationUrl(state: string): string
  heldBackFor(patience: number): number
  checkApplication(signal: AbortSignal): Promise<void>
  exchangeCode(code: Redacted, signal: AbortSignal): Promise<Grant>
  refreshKeys(refreshKey: Redacted, signal: AbortSignal): Promise<Grant>
  renewKeys(
    office: { officeId: string; writtenOfficeId?: string | undefined; secretKey: Redacted },
    signal: AbortSignal,
  ): Promise<Grant>
  revokeKeys(keys: { [Key in keyof KeyPair]: Redacted | undefined }, signal: AbortSignal): Promise<void>
  practicePages(
    requestKey: Redacted,
    signal: AbortSignal,
    calls: ListCalls,
  ): AsyncGenerator<{ listed: ListedPractice[]; isWhole: boolean }, void>
}

export interface PracticeKeys extends Practice, KeyPair {
  tokenExpiry: Date
}

export type DescribedSecret =
  | { state: 'absent' }
  | {
      state: 'present' | 'deleting'
      secretArn: string
      currentVersionId: string | undefined
      versionIds: readonly string[]
    }

export interface Vault {
  heldBackFor(): number
  checkAccess(signal: AbortSignal): Promise<void>
  secretOf(accountId: string): string
  isNamed(secretArn: string, accountId: string): boolean
  write(
    accountId: string,
    versionId: string,
    keys: PracticeKeys,
    signal: AbortSignal,
    known?: string,
  ): Promise<KeysInUse & { tokenTaken: boolean; isFirst: boolean }>
  add(secretId: string, versionId: string, keys: PracticeKeys, signal: AbortSignal): Promise<boolean>
  read(
    secretId: string,
    versionId: string,
    signal: AbortSignal,
  ): Promise<(PracticeKeys & { secretArn: string }) | undefined>
  describe(secretId: string, signal: AbortSignal): Promise<DescribedSecret>
  promote(secretId: string, from: string | undefined, to: string, signal: AbortSignal): Promise<boolean>
  restore(secretId: string, signal: AbortSignal): Promise<void>
  scheduleDeletion(secretId: string, signal: AbortSignal): Promise<void>
  keepGrant(attemptId: string, grant: Grant, signal: AbortSignal): Promise<string>
  readGrant(attemptId: string, signal: AbortSignal, secretArn?: string): Promise<Grant | undefined>
  dropGrant(attemptId: string, signal: AbortSignal, secretArn?: string): Promise<void>
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
  deadline: Date | null
  workUntil: Date | null
  choices: unknown
}

export interface History {
  read(
    accountId: string,
    before: bigint | undefined,
    limit: number,
  ): Promise<{ id: bigint; at: Date; event: AuditEvent; attemptId: string | null; code: string | null }[]>
}

export interface ChangeNotices {
  subscribe(accountId: string, onChange: () => void): () => void
  follow(follower: { changed: (accountId: string | undefined) => void }): void
  isListening(): boolean
}
