import { ConnectionFailure } from '../failure.ts'
import type { ExchangedGrant } from './exchange-code.ts'
import type { SikkaClient as Sikka } from '../sikka/client.ts'
import type { PracticeInList } from '../sikka/listed-practice.ts'
import type { ListCalls } from '../sikka/practice-pages.ts'
import { repeat } from '../repeat.ts'

/** An office that a user's keys may open. */
export interface FoundPractice extends PracticeInList {
  /** number of places, if there are several */
  places?: number | undefined
}

/**
 * Pauses before the list is requested again, milliseconds, until the attempt's time is over: retries are free, and
 * giving up wastes the code (A1).
 */
export function* growingPauses(): Generator<number, never> {
  for (let pause = 250; ; pause = Math.min(pause * 2, 8_000)) yield pause
}

/**
 * How often a refusal of the key or the practice (401, API2007) is retried: Sikka can take a while to admit a fresh
 * practice; after some eight seconds the refusal is final.
 */
const mostRefusals = 5

/**
 * Calls that an attempt may spend on the list: the application's whole list once (3,000 offices in pages of 50), and 15
 * further calls. A plan of 120 calls a minute then has 45 left for other practices (T11).
 */
export const mostListCalls = 75

/** Maximum of offices that a page can sensibly offer. */
const mostChoices = 50

/** Receives the offices on a page while Sikka has named none; throws if the list cannot be the user's own. */
type OnListed = (officeIds: readonly string[]) => Promise<void>

/**
 * The practice that authorised us (contract, section 6, step 5): the one whose office is `issued_to` or was chosen.
 * Without both: the only one listed, or several for the user to choose from; never the first of several.
 * @param signal ends the search, which then throws the last failure
 * @param pauses before each retry, milliseconds
 * @param calls how many may still be made
 * @param onListed called for each page unless Sikka has named an office, even if the user chose one
 * @returns one or more, in the order of Sikka's list
 * @throws {ConnectionFailure} NO_PRACTICE, SEVERAL_PRACTICES, the list request's failure, or what `onListed` throws
 */
export async function findPractices(
  sikka: Sikka,
  grant: ExchangedGrant,
  chosenOffice: string | undefined,
  signal: AbortSignal,
  pauses: Iterable<number> = growingPauses(),
  calls: ListCalls = { left: mostListCalls },
  onListed: OnListed = async () => undefined,
): Promise<[FoundPractice, ...FoundPractice[]]> {
  let refusals = 0
  const mayPass = (error: unknown): boolean => {
    if (!(error instanceof ConnectionFailure) || calls.left === 0 || error.reason === 'expired_key') return false
    if (error.code === 'PROVIDER_ERROR') return ++refusals <= mostRefusals
    return oddAnswers.has(error.code) || (error.code === 'CONFIG' && error.reason !== 'not_sent') || isUnread(error)
  }
  const look = () => lookForPractices(sikka, grant, { chosenOffice, calls, onListed }, signal)
  return repeat(look, pauses, mayPass, { signal })
}

/** Failures of a list request that may pass. Only this layer retries them. */
const oddAnswers: ReadonlySet<ConnectionFailure['code']> = new Set([
  'NO_PRACTICE',
  'PROVIDER_UNAVAILABLE',
  'BAD_RESPONSE',
])

/** Several offices are final, unless the list was not read to its end. */
function isUnread(error: ConnectionFailure): boolean {
  return error.code === 'SEVERAL_PRACTICES' && error.reason === 'unclear'
}

async function lookForPractices(
  sikka: Sikka,
  grant: ExchangedGrant,
  { chosenOffice, calls, onListed }: { chosenOffice: string | undefined; calls: ListCalls; onListed: OnListed },
  signal: AbortSignal,
): Promise<[FoundPractice, ...FoundPractice[]]> {
  const isNamed = grant.issuedTo !== undefined
  const wanted = chosenOffice ?? grant.issuedTo
  const offices = new Map<string, FoundPractice>()
  const places = new Map<string, Set<string>>()
  const unusable = new Set<string | undefined>()
  let isWhole = false
  for await (const page of sikka.practicePages(grant.requestKey, signal, calls)) {
    isWhole = page.isWhole
    const wasFound = offices.size > 0
    for (const { officeId, practice } of page.listed) {
      const mayBeOurs = wanted === undefined || officeId === undefined || officeId === wanted
      if (!mayBeOurs) continue
      if (!practice) {
        unusable.add(officeId)
        continue
      }
      // Sikka lists each place of an office; the first practice represents the office.
      places.set(practice.officeId, (places.get(practice.officeId) ?? new Set()).add(practice.practiceId))
      if (!offices.has(practice.officeId) || practice.practiceId === '1') offices.set(practice.officeId, practice)
    }
    if (!isNamed) await onListed(page.listed.flatMap(({ officeId }) => officeId ?? []))
    // An office's places are adjacent, so its first practice may be on the next page, but no further.
    else if (wasFound || offices.get(wanted ?? '')?.practiceId === '1') break
  }
  for (const [officeId, { size }] of places) {
    const office = offices.get(officeId)
    if (office && size > 1) offices.set(officeId, { ...office, places: size })
  }
  const [practice, ...others] = offices.values()
  const isAnyLost = [...unusable].some((officeId) => officeId === undefined || !offices.has(officeId))
  // An unreadable office may be another account's: reject such a list unless Sikka named the office.
  if (isAnyLost && (!practice || !isNamed)) {
    throw new ConnectionFailure('BAD_RESPONSE', 'A practice in the list lacks its office or secret key')
  }
  if (!practice) throw new ConnectionFailure('NO_PRACTICE', 'Sikka lists no practice for this authorization')
  // The only office seen so far is not proof that there is only one.
  if (!isNamed && (!isWhole || offices.size > mostChoices)) {
    throw new ConnectionFailure(
      'SEVERAL_PRACTICES',
      `Sikka lists ${isWhole ? offices.size : 'an unknown number of'} offices`,
      isWhole ? {} : { reason: 'unclear' },
    )
  }
  return [practice, ...others]
}
