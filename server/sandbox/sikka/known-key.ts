import { scenarioOf, type Cloud } from './cloud.ts'
import type { ErrorCode } from './errors.ts'
import type { RequestKey } from './ledger.ts'

/** A request key as a `Request-Key` header brings it. */
interface PresentedKey {
  /** the key we issued, also when it cannot be used any more */
  requestKey: RequestKey | undefined
  /**
   * why it cannot be used: missing (API1004), never issued (API1026), over or deleted (API1025), of a
   * practice that withdrew its authorization (API2007)
   */
  error: ErrorCode | undefined
}

export function presentedKey(cloud: Cloud, given: string | undefined): PresentedKey {
  const requestKey = given === undefined ? undefined : cloud.ledger.records.requestKeys.get(given)
  return { requestKey, error: given ? errorOf(cloud, requestKey) : 'API1004' }
}

function errorOf(cloud: Cloud, requestKey: RequestKey | undefined): ErrorCode | undefined {
  if (!requestKey) return 'API1026'
  if (requestKey.dead || requestKey.endsAt <= cloud.now()) return 'API1025'
  return scenarioOf(cloud, requestKey.authorization).authorization === 'withdrawn' ? 'API2007' : undefined
}
