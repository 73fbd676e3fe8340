import type { ConnectionHistory, HistoryInput } from '@pms/shared/connection-history'
import type {
  ChosenPractice,
  ConnectionStatus,
  ConnectionStatusInput,
  DeclinedChoice,
  StartedConnection,
} from '@pms/shared/connection-status'
import type { SetupQuery } from '@pms/shared/setup-redirect'
import type { Redacted } from '../config/redacted.ts'
import type { BrowserBinding } from '../connection/start-connection.ts'
import type { SignedInAccount } from '../identity/account-of-request.ts'
import type { StatusAnswer } from '../connection/connection-status.ts'
import type { CallbackQuery, RecognizedReturn } from '../connection/receive-callback.ts'

/** Every use case the edge can call; `compose.ts` supplies them. */
export interface UseCases {
  /** @throws {IdentityError} unless the header holds a valid access token */
  signIn: (authorization: string | undefined) => SignedInAccount | Promise<SignedInAccount>
  startConnection: (
    accountId: string,
    requestId: string,
  ) => Promise<{ started: StartedConnection; binding: BrowserBinding }>
  /** @returns undefined when the account has no such attempt */
  connectionStatus: (
    accountId: string,
    input: ConnectionStatusInput,
    signal: () => AbortSignal,
  ) => StatusAnswer | undefined | Promise<StatusAnswer | undefined>
  /** @returns the attempt's status afterwards; undefined when the account has no such attempt */
  choosePractice: (
    accountId: string,
    choice: ChosenPractice,
    requestId: string,
  ) => Promise<ConnectionStatus | 'no such choice' | undefined>
  /** @returns the attempt's status afterwards; undefined when the account has no such attempt */
  declineChoice: (
    accountId: string,
    attempt: DeclinedChoice,
    requestId: string,
  ) => Promise<ConnectionStatus | undefined>
  /** @returns the account's status afterwards */
  disconnect: (accountId: string, requestId: string) => Promise<ConnectionStatus>
  /** @returns undefined for a cursor not issued to this account */
  history: (accountId: string, input: HistoryInput) => Promise<ConnectionHistory | undefined>
  /** @returns undefined for a callback that cannot belong to one of our attempts */
  recognizeReturn: (
    query: CallbackQuery,
    browserToken: (shortId: string) => Redacted | undefined,
  ) => RecognizedReturn | undefined
  receiveCallback: (
    query: CallbackQuery,
    browserToken: (shortId: string) => Redacted | undefined,
    requestId: string,
  ) => Promise<SetupQuery>
  /**
   * @returns `degraded` when ready for traffic, but unable to start connections
   * @throws {Error} with the reason why it is not ready
   */
  checkReady: () => Promise<'ready' | 'degraded'>
}
