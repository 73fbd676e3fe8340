import type { ConnectionStatus, ConnectionStatusInput, StartedConnection } from '@pms/shared/connection-status'
import type { SetupQuery } from '@pms/shared/setup-redirect'
import type { Redacted } from '../config/redacted.ts'
import type { BrowserBinding } from '../connection/start-connection.ts'
import type { CallbackQuery } from '../connection/receive-callback.ts'

/** All that the edge can have done; `compose.ts` fills it in. */
export interface UseCases {
  /** @throws {IdentityError} unless the header holds a good access token */
  signIn: (authorization: string | undefined) => Promise<{ accountId: string; email: string | undefined }>
  startConnection: (
    accountId: string,
    requestId: string,
  ) => Promise<{ started: StartedConnection; binding: BrowserBinding }>
  /** @returns undefined when the account has no such attempt */
  connectionStatus: (
    accountId: string,
    input: ConnectionStatusInput,
    signal: AbortSignal,
  ) => Promise<ConnectionStatus | undefined>
  receiveCallback: (
    query: CallbackQuery,
    browserToken: (shortId: string) => Redacted | undefined,
    requestId: string,
  ) => Promise<SetupQuery>
  /** @throws {Error} saying why no traffic should come */
  checkReady: () => Promise<void>
}
