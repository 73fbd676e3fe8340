import type { ConnectionStatus } from '@pms/shared/connection-status'
import type { ConnectionStep } from '@pms/shared/connection-terms'
import { isConnectionErrorCode, type ConnectionErrorCode } from '@pms/shared/errors'
import type { SetupErrorCode, SetupQuery } from '@pms/shared/setup-redirect'
import { mayPass, type ApiFailure } from '../api/api-failure.ts'

/** A practice as the server names it; both names come from outside. */
export interface PracticeName {
  practiceName: string | undefined
  pmsType: string | undefined
}

/** What the user may choose while connecting. */
type Choice = NonNullable<ConnectionStatus['choices']>[number]

/** What address and server make the page show. `refused` is what the address says of a callback beside it. */
export type SetupView =
  | { kind: 'loading' }
  | { kind: 'unreachable'; trouble: Trouble }
  | { kind: 'broken'; requestId: string | undefined }
  | { kind: 'not-connected' }
  | { kind: 'connecting'; step: ConnectionStep | undefined; refused?: SetupErrorCode }
  | {
      kind: 'choosing'
      attemptId: string
      choices: [Choice, ...Choice[]]
      replaces: string | undefined
      refused?: SetupErrorCode
    }
  | { kind: 'replacing'; attemptId: string; choice: Choice; replaces: string; refused?: SetupErrorCode }
  | { kind: 'timed-out'; attemptId: string | undefined; refused?: SetupErrorCode }
  | { kind: 'connected'; practice: PracticeName; connectedAt: string | undefined; refused?: SetupErrorCode }
  | {
      kind: 'failed'
      code: ConnectionErrorCode | SetupErrorCode
      attemptId: string | undefined
      /** the practice that this failure leaves connected */
      stillConnected?: PracticeName
      /** the practice whose connection was there and has stopped working; with the same code it is all there is to say */
      lost?: PracticeName & { code: ConnectionErrorCode }
    }

/** What the page shows, the way to Sikka included. */
export type SetupState = SetupView | { kind: 'redirecting' }

/** Why no answer comes, although the page asks for one. */
export type Trouble = 'offline' | 'unreachable' | 'busy'

/** What was heard about the attempt of the address, or about the account. */
export interface Heard {
  answer: ConnectionStatus | undefined
  failure: ApiFailure | undefined
  /** the browser is without network */
  offline?: boolean
}

export interface Heards {
  /** what the address says: it decides what is asked, and never what is so */
  query: SetupQuery
  attempt: Heard
  account: Heard
}

/** The attempt that the address asks about. */
export function attemptOf(query: SetupQuery): string | undefined {
  return query.kind === 'none' ? undefined : query.attemptId
}

/** The account is asked when there is no attempt to ask about, and when that attempt is over. */
export function asksAccount(query: SetupQuery, attempt: Heard): boolean {
  if (attemptOf(query) === undefined || isUnknown(attempt)) return true
  return attempt.answer !== undefined && attempt.answer.status !== 'connecting'
}

/**
 * The address to go on with, when the account's answer speaks of an attempt in progress that the address does not
 * ask about. A failed attempt leaves no trace in the account's own status, so that one has to be asked about.
 */
export function queryToFollow({ query, attempt, account }: Heards): SetupQuery | undefined {
  const asked = attemptOf(query)
  const { status, attemptId } = account.answer ?? {}
  if (!asksAccount(query, attempt) || status !== 'connecting' || !attemptId || attemptId === asked) return undefined
  const isRefusalOfNoAttempt = query.kind === 'refused' && (asked === undefined || isUnknown(attempt))
  return isRefusalOfNoAttempt ? { ...query, attemptId } : { kind: 'connecting', attemptId }
}

/** The answer that the page is about. */
export function shownAnswer({ query, attempt, account }: Heards): ConnectionStatus | undefined {
  const asked = attemptOf(query)
  if (asked === undefined || isUnknown(attempt)) return account.answer
  const own = attempt.answer
  // Just gone over to the attempt that the account's answer spoke of.
  if (!own) return account.answer?.attemptId === asked ? account.answer : undefined
  if (own.status === 'connecting') return own
  // The attempt is over: what the account says later counts, but a failure is told until a newer attempt runs.
  if (!account.answer || Date.parse(account.answer.timestamp) < Date.parse(own.timestamp)) return own
  return own.status === 'failed' && account.answer.status !== 'connecting' ? own : account.answer
}

/** What to show for what the address says and what the server said (contract, section 8). */
export function setupView(facts: Heards & { deadlinePassed: boolean }): SetupView {
  const { query, attempt, account } = facts
  const shown = shownAnswer(facts)
  if (!shown) return nothingHeard(asksAccount(query, attempt) ? account : attempt)
  const refusal = query.kind === 'refused' ? refusalOf(query.code) : undefined
  const beside = query.kind === 'refused' ? { refused: query.code } : {}

  switch (shown.status) {
    case 'connecting': {
      const question = questionOf(shown)
      if (question) return { ...question, ...beside }
      if (facts.deadlinePassed) return { kind: 'timed-out', attemptId: shown.attemptId, ...beside }
      return { kind: 'connecting', step: shown.step, ...beside }
    }
    case 'connected':
      return { kind: 'connected', practice: practiceOf(shown), connectedAt: shown.connectedAt, ...beside }
    case 'pending':
      return refusal ?? { kind: 'not-connected' }
    case 'failed':
      return refusal && shown !== attempt.answer ? { ...refusal, ...lostOf(shown) } : failureOf(shown, account.answer)
  }
}

/** What the user has to answer before it goes on, if anything. */
function questionOf({
  attemptId,
  choices,
  replaces,
}: ConnectionStatus): (SetupView & { kind: 'choosing' | 'replacing' }) | undefined {
  const [choice, ...others] = choices ?? []
  if (!choice || attemptId === undefined) return undefined
  if (replaces === undefined || others.length > 0) {
    return { kind: 'choosing', attemptId, choices: [choice, ...others], replaces }
  }
  return { kind: 'replacing', attemptId, choice, replaces }
}

function failureOf(failed: ConnectionStatus, account: ConnectionStatus | undefined): SetupView {
  const loss = lostOf(failed)
  return {
    kind: 'failed',
    code: codeOf(failed),
    // The attempt that once made a lost connection has not failed: there is nothing to look up under it.
    attemptId: loss.lost ? undefined : failed.attemptId,
    ...(account?.isConnected ? { stillConnected: practiceOf(account) } : {}),
    ...(loss.lost ? loss : lostOf(account)),
  }
}

/** The practice whose connection has stopped working, when that is all there is to say. */
export function lossOf(state: SetupState): PracticeName | undefined {
  return state.kind === 'failed' && state.lost?.code === state.code && state.attemptId === undefined
    ? state.lost
    : undefined
}

/** Only the failure of a connection names the practice; that of an attempt does not. */
function lostOf(failed: ConnectionStatus | undefined): Pick<SetupView & { kind: 'failed' }, 'lost'> {
  if (failed?.status !== 'failed' || failed.practiceName === undefined) return {}
  return { lost: { ...practiceOf(failed), code: codeOf(failed) } }
}

/** A newer server may have codes that this page has no words for. */
function codeOf({ errorCode }: ConnectionStatus): ConnectionErrorCode {
  return isConnectionErrorCode(errorCode) ? errorCode : 'INTERNAL'
}

function refusalOf(code: SetupErrorCode): SetupView & { kind: 'failed' } {
  return { kind: 'failed', code, attemptId: undefined }
}

function nothingHeard(heard: Heard): SetupView {
  const trouble = troubleOf(heard)
  if (trouble) return { kind: 'unreachable', trouble }
  // Signed out: the sign-in screen is about to take over.
  if (!heard.failure || heard.failure.code === 'UNAUTHORIZED') return { kind: 'loading' }
  return { kind: 'broken', requestId: heard.failure.requestId }
}

/** Why no answer comes at present, unless that is for good. */
export function troubleOf({ failure, offline }: Heard): Trouble | undefined {
  if (offline) return 'offline'
  if (!failure || !mayPass(failure)) return undefined
  return failure.code === 'TOO_MANY_REQUESTS' ? 'busy' : 'unreachable'
}

/** The account has no such attempt: it never was, or it is somebody else's. */
function isUnknown(attempt: Heard): boolean {
  return attempt.failure?.code === 'NOT_FOUND'
}

function practiceOf({ practiceName, pmsType }: ConnectionStatus): PracticeName {
  return { practiceName, pmsType }
}
