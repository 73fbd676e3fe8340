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

/** All that the edge can have done; `compose.ts` fills it in. */
export interface UseCases {
  /** @throws {IdentityError} unless the header holds a good access token */
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
  /** @returns undefined for a cursor that is none of this account's */
  history: (accountId: string, input: HistoryInput) => Promise<ConnectionHistory | undefined>
  /** @returns undefined for a callback that no attempt of ours can have led to */
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
   * @returns `degraded` while traffic may come, but no connection can be started
   * @throws {Error} saying why no traffic should come
   */
  checkReady: () => Promise<'ready' | 'degraded'>
}
