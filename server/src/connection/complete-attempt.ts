import type { ConnectionErrorCode } from '@pms/shared/errors'
import type { Logger } from 'pino'
import type { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import type { ClaimedAttempt } from './claim-attempt.ts'
import { exchangeCode } from './exchange-code.ts'
import { findPractice } from './find-practice.ts'
import { persist } from './persist.ts'
import type { Attempts, Integrations, Sikka, Vault } from './ports.ts'
import { reserveOffice } from './reserve-office.ts'
import { storeConnection } from './store-connection.ts'

export interface CompletionParts {
  attempts: Attempts
  integrations: Integrations
  sikka: Sikka
  vault: Vault
  log: Logger
  /** whether an error is the database's and may pass */
  isPassing: (error: unknown) => boolean
  /** hears how each attempt ended */
  onEnd: (outcome: ConnectionErrorCode | 'CONNECTED') => void
  /** pauses between looks at the list of practices, milliseconds */
  practiceDelays?: readonly number[]
}

/** All of it has to be done in this time, milliseconds; less than the database's own limit (`workSeconds`). */
const longestWork = 90_000

/** And a failure has to be written down in this time after it, milliseconds. */
const longestRecording = 20_000

/**
 * From the code to the ACTIVE row, without the browser. Never throws: a failure ends on the attempt, and
 * touches no connection that works.
 * @returns why it failed, or undefined when it is connected
 */
export async function completeAttempt(
  parts: CompletionParts,
  attempt: ClaimedAttempt,
  code: Redacted,
): Promise<ConnectionErrorCode | undefined> {
  const log = parts.log.child({ attemptId: attempt.id, accountId: attempt.accountId, requestId: attempt.requestId })
  const signal = AbortSignal.timeout(longestWork)
  try {
    const grant = await exchangeCode(parts, attempt, code, signal)
    const found = await findPractice(parts.sikka, grant, signal, parts.practiceDelays)
    const practice = await reserveOffice(parts, attempt, found, signal)
    await storeConnection(parts, grant, practice, signal)
    log.info('practice connected')
    parts.onEnd('CONNECTED')
    return undefined
  } catch (error) {
    const errorCode = codeOf(error, signal)
    parts.onEnd(errorCode)
    log[alarming.has(errorCode) ? 'error' : 'warn']({ err: error, errorCode }, 'practice not connected')
    try {
      const fail = () => parts.attempts.fail(attempt.id, errorCode, attempt.requestId)
      await persist(fail, parts.isPassing, AbortSignal.timeout(longestRecording))
    } catch (unrecorded) {
      log.error({ err: unrecorded, errorCode }, 'the failure could not be recorded; the attempt ends by its time limit')
    }
    return errorCode
  }
}

/** Out of time means that Sikka has not come up with it. */
function codeOf(error: unknown, signal: AbortSignal): ConnectionErrorCode {
  if (error instanceof ConnectionFailure) return error.code
  return signal.aborted ? 'PROVIDER_UNAVAILABLE' : 'INTERNAL'
}

/** What somebody who runs the server has to mend. */
const alarming: ReadonlySet<ConnectionErrorCode> = new Set([
  'CONFIG',
  'INTERNAL',
  'BAD_RESPONSE',
  'STORAGE_UNAVAILABLE',
])
