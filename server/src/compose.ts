import { setMaxListeners } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '@pms/prisma/client'
import type { Logger } from 'pino'
import { background } from './background.ts'
import type { Config } from './config/environment.ts'
import { connectionStatus } from './connection/connection-status.ts'
import { receiveCallback } from './connection/receive-callback.ts'
import { startConnection } from './connection/start-connection.ts'
import { createApp } from './http/app.ts'
import { metrics as createMetrics } from './http/metrics.ts'
import type { UseCases } from './http/use-cases.ts'
import { accountOfRequest } from './identity/account-of-request.ts'
import { tokenVerifier } from './identity/verify-token.ts'
import { sikkaClient } from './sikka/client.ts'
import { accountStore } from './store/accounts.ts'
import { attemptStore } from './store/attempts.ts'
import { listenForChanges } from './store/change-notices.ts'
import { isDatabaseUnavailable } from './store/database-unavailable.ts'
import { integrationStore } from './store/integrations.ts'
import { readiness } from './store/readiness.ts'
import { statusStore } from './store/status.ts'
import { secretsManagerVault } from './vault/practice-secret.ts'

const builtPage = fileURLToPath(new URL('../../web/dist', import.meta.url))

/** Longest time that a stopping server waits for attempts in progress, milliseconds. */
const drainTime = 20_000

/** The one place where the parts meet. Nothing is connected or listened to before it is called. */
export function compose(config: Config, { log, practiceDelays }: { log: Logger; practiceDelays?: readonly number[] }) {
  const databaseUrl = config.DATABASE_URL.reveal()
  const db = openDatabase(databaseUrl)
  const notices = listenForChanges(databaseUrl, log)
  const vault = secretsManagerVault({ region: config.AWS_REGION, namePrefix: config.SECRET_NAME_PREFIX })
  const sikka = sikkaClient({
    application: { id: config.SIKKA_APP_ID, key: config.SIKKA_APP_KEY },
    authorizationPage: config.SIKKA_OAUTH_URL,
    redirectUri: config.SIKKA_REDIRECT_URI,
    apiUrl: config.SIKKA_API_URL,
  })
  const attempts = attemptStore(db)
  const integrations = integrationStore(db)
  const status = statusStore(db)
  const checkDatabase = readiness(db)
  const work = background()
  const draining = new AbortController()
  // One listener a held request, and there may be thousands of them.
  setMaxListeners(0, draining.signal)

  const metrics = createMetrics()

  const completion = {
    attempts,
    integrations,
    sikka,
    vault,
    log,
    isPassing: isDatabaseUnavailable,
    onEnd: metrics.attemptEnded,
    ...(practiceDelays ? { practiceDelays } : {}),
  }
  const useCases: UseCases = {
    signIn: accountOfRequest({
      verify: tokenVerifier({
        issuer: config.AUTH_ISSUER,
        clientId: config.AUTH_CLIENT_ID,
        jwksUrl: config.AUTH_JWKS_URL,
      }),
      accounts: accountStore(db),
    }),
    startConnection: (accountId, requestId) =>
      startConnection({ attempts, sikka, stateKeys: config.STATE_SECRET }, { accountId, requestId }),
    connectionStatus: (accountId, input, signal) =>
      connectionStatus({ status, notices, draining: draining.signal }, accountId, input, signal),
    receiveCallback: (query, browserToken, requestId) =>
      receiveCallback(
        { ...completion, stateKeys: config.STATE_SECRET, track: work.track },
        query,
        browserToken,
        requestId,
      ),
    async checkReady() {
      if (draining.signal.aborted) throw new Error('The server is stopping')
      await checkDatabase()
    },
  }

  return {
    app: createApp({
      config,
      useCases,
      track: work.track,
      log,
      pageFolder: builtPage,
      isUnavailable: isDatabaseUnavailable,
      metrics,
    }),
    createMetricsServer: metrics.createServer,
    checkReady: useCases.checkReady,
    /** From now on not ready; held requests answer at once. */
    startDraining: () => draining.abort(),
    /** Waits for attempts in progress, 20 seconds at most. */
    async finishWork() {
      if (!(await work.settle(drainTime))) log.error('attempts were still in progress when the server stopped')
    },
    /** Lets go of everything. */
    async close() {
      draining.abort()
      await notices.close()
      vault.close()
      await db.$disconnect()
    },
  }
}
