import type { PrismaClient } from '@pms/prisma/client'
import type { Config } from '../config/environment.ts'
import { choosePractice } from '../connection/choose-practice.ts'
import type { UnboundCompletion } from '../connection/complete-attempt.ts'
import { connectionStatus, type StatusParts } from '../connection/connection-status.ts'
import { afterwardsForget } from '../connection/current-status.ts'
import { historyIds } from '../connection/history-ids.ts'
import { connectionHistory } from '../connection/history.ts'
import type { Preflight } from '../connection/preflight.ts'
import { receiveCallback, recognizeReturn } from '../connection/receive-callback.ts'
import { startConnection } from '../connection/start-connection.ts'
import type { UseCases } from '../http/use-cases.ts'
import { accountOfRequest } from '../identity/account-of-request.ts'
import { tokenVerifier } from '../identity/verify-token.ts'
import { accountsIn } from '../store/accounts.ts'
import type { ChangeNotices } from '../store/change-notices.ts'
import { historyIn } from '../store/history.ts'

/** The edge's use cases, except `checkReady`. */
export function edgeUseCases(parts: {
  config: Config
  db: PrismaClient
  completion: UnboundCompletion
  preflight: Preflight
  status: StatusParts & { notices: ChangeNotices }
}): Omit<UseCases, 'checkReady'> {
  const { config, db, completion, preflight, status } = parts
  const { attempts, work, integrations, upstreams } = completion
  const stateKeys = config.STATE_SECRET
  const history = { read: historyIn(db), ids: historyIds(config.STATE_SECRET) }
  const changing = afterwardsForget(status.status)
  const statusNow = async (accountId: string, attemptId?: string) => {
    const answer = await connectionStatus(status, accountId, attemptId === undefined ? {} : { attemptId })
    return answer?.status
  }
  return {
    signIn: accountOfRequest({
      verify: tokenVerifier({
        issuer: config.AUTH_ISSUER,
        clientId: config.AUTH_CLIENT_ID,
        jwksUrl: config.AUTH_JWKS_URL,
      }),
      accounts: accountsIn(db),
      notices: status.notices,
    }),
    startConnection: (accountId, requestId) =>
      changing(accountId, startConnection({ attempts, upstreams, preflight, stateKeys }, { accountId, requestId })),
    connectionStatus: (accountId, input, signal) => connectionStatus(status, accountId, input, signal),
    async choosePractice(accountId, { attemptId, choiceId }, requestId) {
      const attempt = { id: attemptId, accountId }
      const isChosen = await changing(accountId, choosePractice(completion, attempt, choiceId, requestId))
      const answer = await statusNow(accountId, attemptId)
      return isChosen || !answer ? answer : 'no such choice'
    },
    async declineChoice(accountId, { attemptId }, requestId) {
      await changing(accountId, work.decline({ id: attemptId, accountId }, requestId))
      return statusNow(accountId, attemptId)
    },
    async disconnect(accountId, requestId) {
      await changing(accountId, integrations.disconnect(accountId, requestId))
      const answer = await statusNow(accountId)
      if (!answer) throw new Error('An account always has a status')
      return answer
    },
    history: (accountId, input) => connectionHistory(history, accountId, input),
    recognizeReturn: (query, browserToken) => recognizeReturn(stateKeys, query, browserToken, Date.now()),
    receiveCallback: (query, browserToken, requestId) =>
      receiveCallback({ ...completion, stateKeys }, query, browserToken, requestId),
  }
}
