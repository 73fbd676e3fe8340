import type { Logger } from 'pino'
import { ConnectionFailure } from '../failure.ts'
import { unreadableOffice } from '../office-id.ts'
import { recordKeys, type ExchangedGrant } from './exchange-code.ts'
import { findPractices, mostListCalls, type FoundPractice } from './find-practice.ts'
import { offerChoices } from './offer-choices.ts'
import { demandOwnList, officeUnproven, type UnnamedOffice } from './own-list.ts'
import { persist } from './persist.ts'
import type { SikkaClient as Sikka } from '../sikka/client.ts'
import type { Held } from '../store/attempt-sql.ts'
import type { Choices } from '../store/choices.ts'
import type { Integrations, Work } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'
import type { Grant } from '../practice.ts'
import { ofOffice } from './refresh-keys.ts'
import { reserveOffice } from './reserve-office.ts'
import { settleSecret } from './settle-secret.ts'
import { storeConnection } from './store-connection.ts'
import type { UpstreamsFor } from './upstreams.ts'

export interface ConnectParts {
  work: Work
  integrations: Integrations
  sikka: Sikka
  vault: Vault
  upstreams: UpstreamsFor
  log: Logger
  /** Keeps the server up until the work is done. */
  track: (work: Promise<unknown>) => void
  /** whether an error is a transient database error */
  isPassing: (error: unknown) => boolean
  /** pauses between requests for the list of practices, milliseconds */
  practiceDelays?: readonly number[]
  unnamedOffice: UnnamedOffice
}

/** An attempt that this server works on, and the request that caused it, if any. */
export type Worked = Held & { requestId: string | undefined }

/** What an attempt has done so far, for the cleanup if it fails. */
export interface Trail {
  /** keys that exist only in this worker's memory */
  received?: Grant
  /** offices that Sikka has listed for these keys without naming one of them */
  listed: Set<string>
  /** the keys may have been written to the account's secret */
  written?: true
}

/** The user's choice, and the choices offered. */
export interface Choice {
  officeId: string
  choices: Choices
}

/** From the keys to the ACTIVE row, or to the user's choice (contract, section 6, steps 5 to 8). */
export async function connectPractice(
  parts: ConnectParts,
  attempt: Worked,
  given: ExchangedGrant,
  choice: Choice | undefined,
  trail: Trail,
  signal: AbortSignal,
): Promise<'CONNECTED' | 'CHOOSING'> {
  if (given.issuedTo === undefined && parts.unnamedOffice === 'keys') {
    throw officeUnproven('Sikka names no office, and SIKKA_UNNAMED_OFFICE is keys')
  }
  for (const officeId of given.listed ?? []) trail.listed.add(officeId)
  const { grant, practices } = await findWithLivingKey(parts, attempt, given, choice?.officeId, trail, signal)
  const isNamed = grant.issuedTo !== undefined
  const [practice] = practices
  const offer = async (offered: readonly FoundPractice[], replaces?: Choices['replaces']) => {
    const kept = isNamed ? grant : { ...grant, listed: [...trail.listed] }
    await offerChoices(parts, attempt, kept, offered, replaces, signal)
    return 'CHOOSING' as const
  }
  if (practices.length > 1) return offer(practices)
  if (!isNamed && !choice && parts.unnamedOffice === 'confirm') {
    const look = () => parts.work.wouldReplace(attempt.accountId, practice.officeId)
    return offer(practices, await persist(look, parts.isPassing, signal))
  }
  const mayReplace = choice?.choices.replaces?.officeId
  const reservation = await reserveOffice(parts, attempt, practice, { mayReplace, isNamed }, signal)
  if ('replaces' in reservation) return offer([practice], reservation.replaces)
  trail.written = true
  const onTokenTaken = (): void => {
    parts.log.error(
      { attemptId: attempt.id },
      'the secret has other keys under this attempt’s version; written as another version',
    )
  }
  // Keys that were kept for a choice may have been written by a worker that has died.
  const found = { practice: reservation, isWorkedOnce: choice === undefined }
  const isSettled = await storeConnection({ ...parts, onTokenTaken }, attempt, grant, found, signal)
  // A job settles too; settle now, so that readers of the secret need not wait for it.
  if (!isSettled) parts.track(settle(parts, attempt))
  return 'CONNECTED'
}

async function settle(parts: ConnectParts, { id: attemptId, accountId }: Held): Promise<void> {
  try {
    await settleSecret(parts, { accountId })
  } catch (error) {
    parts.log.warn({ err: error, attemptId, accountId }, 'not settled yet')
  }
}

/** A key may arrive shortly before its expiry: refresh an expired one once, and repeat the call once (API1025). */
async function findWithLivingKey(
  parts: ConnectParts,
  attempt: Held,
  grant: ExchangedGrant,
  chosenOffice: string | undefined,
  trail: Trail,
  signal: AbortSignal,
): Promise<{ grant: ExchangedGrant; practices: [FoundPractice, ...FoundPractice[]] }> {
  const onListed = async (officeIds: readonly string[]): Promise<void> => {
    for (const officeId of officeIds) trail.listed.add(officeId)
    // The reservation checks the chosen office: it may be connected by now, which is a conflict.
    const others = officeIds.filter((officeId) => officeId !== chosenOffice)
    await demandOwnList(parts, attempt.accountId, others, signal)
  }
  const calls = { left: mostListCalls }
  const find = async (living: ExchangedGrant) => {
    if (living.issuedTo === unreadableOffice) throw officeUnproven('Sikka names an office that cannot be read')
    return findPractices(parts.sikka, living, chosenOffice, signal, parts.practiceDelays, calls, onListed)
  }
  try {
    return { grant, practices: await find(grant) }
  } catch (error) {
    const isExpired = error instanceof ConnectionFailure && error.reason === 'expired_key'
    if (!isExpired || !grant.refreshKey) throw error
    const answer = await parts.sikka.refreshKeys(grant.refreshKey, signal)
    const { requestKey, refreshKey = grant.refreshKey, expiresAt } = ofOffice(answer, chosenOffice ?? grant.issuedTo)
    const onKeys = (received: Grant): void => {
      trail.received = received
    }
    // The refresh may name the office when the exchange did not.
    const issuedTo = grant.issuedTo ?? answer.issuedTo
    const refreshed = { ...grant, issuedTo, requestKey, refreshKey, expiresAt }
    const living = await recordKeys(parts, attempt, refreshed, onKeys, signal)
    return { grant: living, practices: await find(living) }
  }
}
