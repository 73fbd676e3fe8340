import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import type { ClaimedAttempt } from './claim-attempt.ts'
import { persist } from './persist.ts'
import type { Attempts, Grant, Sikka } from './ports.ts'

declare const exchanged: unique symbol

/** Keys received for a claimed attempt. Only `exchangeCode` makes one. */
export interface ExchangedGrant extends Grant {
  readonly attempt: ClaimedAttempt
  readonly [exchanged]: true
}

/** Contract, section 6, step 4: once. Nothing here sends a code again, whatever the first answer was. */
export async function exchangeCode(
  parts: { attempts: Attempts; sikka: Sikka; isPassing: (error: unknown) => boolean },
  attempt: ClaimedAttempt,
  code: Redacted,
  signal: AbortSignal,
): Promise<ExchangedGrant> {
  const grant = await parts.sikka.exchangeCode(code, signal)
  const isOurs = await persist(() => parts.attempts.recordKeys(attempt.id), parts.isPassing, signal)
  if (!isOurs) {
    throw new ConnectionFailure('INTERRUPTED', 'The attempt was over when the keys arrived')
  }
  return { ...grant, attempt } as ExchangedGrant
}
