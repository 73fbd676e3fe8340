import { ConnectionFailure } from '../failure.ts'
import type { ExchangedGrant } from './exchange-code.ts'
import type { Practice, Sikka } from './ports.ts'
import { repeat } from '../repeat.ts'

/** Pauses before the list is asked for again, milliseconds: a fresh practice can take a while to appear. */
const practiceDelays: readonly number[] = [250, 500, 1_000, 2_000, 4_000]

/** More than these cannot sensibly be chosen from on a page. */
const mostChoices = 50

/**
 * The practice that authorised us (contract, section 6, step 5): the one whose office is `issued_to`, or was chosen;
 * without both, the only one there is, or several for the user to choose from; never the first of several.
 * @returns one or more, in the order of Sikka's list
 * @throws {ConnectionFailure} NO_PRACTICE, SEVERAL_PRACTICES, or what the list was answered with
 */
export async function findPractices(
  sikka: Sikka,
  grant: ExchangedGrant,
  chosenOffice: string | undefined,
  signal: AbortSignal,
  delays: readonly number[] = practiceDelays,
): Promise<[Practice, ...Practice[]]> {
  const wanted = chosenOffice ?? grant.issuedTo
  return repeat(() => lookForPractices(sikka, grant, wanted, signal), delays, mayPass, { signal })
}

/** Not listed yet, key not active yet (401), or Sikka busy: asked again. The one layer that repeats this call. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof ConnectionFailure &&
    error.reason !== 'expired_key' &&
    (error.code === 'NO_PRACTICE' || error.code === 'PROVIDER_ERROR' || error.code === 'PROVIDER_UNAVAILABLE')
  )
}

async function lookForPractices(
  sikka: Sikka,
  grant: ExchangedGrant,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<[Practice, ...Practice[]]> {
  const offices = new Map<string, Practice>()
  const places = new Map<string, Set<string>>()
  let isWhole = false
  let unusable = 0
  for await (const page of sikka.practicePages(grant.requestKey, signal)) {
    isWhole = page.isWhole
    for (const { officeId, practice } of page.listed) {
      const mayBeOurs = wanted === undefined || officeId === undefined || officeId === wanted
      if (!mayBeOurs) continue
      // An office may be listed once a practice of it; the first practice stands for it.
      if (!practice) {
        unusable += 1
        continue
      }
      places.set(practice.officeId, (places.get(practice.officeId) ?? new Set()).add(practice.practiceId))
      if (!offices.has(practice.officeId) || practice.practiceId === '1') offices.set(practice.officeId, practice)
    }
    if (wanted !== undefined && offices.size > 0) break
  }
  const [practice, ...others] = [...offices.values()].map((office): Practice => {
    const count = places.get(office.officeId)?.size ?? 1
    return count > 1 ? { ...office, places: count } : office
  })
  if (unusable > 0 && (!practice || wanted === undefined)) {
    throw new ConnectionFailure('BAD_RESPONSE', 'A practice in the list lacks its office or secret key')
  }
  if (!practice) throw new ConnectionFailure('NO_PRACTICE', 'Sikka lists no practice for this authorization')
  // "The only one" has to be known, not just the only one seen so far.
  if (wanted === undefined && (!isWhole || offices.size > mostChoices)) {
    throw new ConnectionFailure(
      'SEVERAL_PRACTICES',
      `Sikka lists ${isWhole ? offices.size : 'an unknown number of'} offices`,
    )
  }
  return [practice, ...others]
}
