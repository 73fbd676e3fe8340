import { fileURLToPath } from 'node:url'
import { openDatabase } from '@pms/prisma/client'
import { openPool } from '@pms/prisma/pool'
import { openStatements } from '@pms/prisma/statements'
import type { Logger } from 'pino'
import { background } from './background.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config/environment.ts'
import { checkStorage } from './connection/check-storage.ts'
import { choosePractice } from './connection/choose-practice.ts'
import { connectionStatus } from './connection/connection-status.ts'
import { currentStatus } from './connection/current-status.ts'
import { historyIds } from './connection/history-ids.ts'
import { connectionHistory } from './connection/history.ts'
import { attemptLeases } from './connection/leases.ts'
import { preflight, preflightTimes } from './connection/preflight.ts'
import { receiveCallback, recognizeReturn } from './connection/receive-callback.ts'
import { refusalBrake } from './connection/refusal-brake.ts'
import { refreshInTime, refreshKeys } from './connection/refresh-keys.ts'
import { releaseGrant, revokeVersion } from './connection/release-keys.ts'
import { settleSecret, type Settling } from './connection/settle-secret.ts'
import { startConnection } from './connection/start-connection.ts'
import type { UpstreamsFor } from './connection/upstreams.ts'
import { watchAttempt } from './connection/watch-attempt.ts'
import { draining as createDraining } from './draining.ts'
import { ConnectionFailure } from './failure.ts'
import { createApp } from './http/app.ts'
import { edgeLimits } from './http/limits.ts'
import { metrics as createMetrics } from './http/metrics.ts'
import type { UseCases } from './http/use-cases.ts'
import { accountOfRequest } from './identity/account-of-request.ts'
import { checkKeySet } from './identity/key-set.ts'
import { tokenVerifier } from './identity/verify-token.ts'
import { runJobs } from './jobs/run-jobs.ts'
import { sikkaClients } from './sikka/client.ts'
import { accountStore } from './store/accounts.ts'
import { attemptStore } from './store/attempts.ts'
import { listenForChanges } from './store/change-notices.ts'
import { isDatabaseUnavailable } from './store/database-unavailable.ts'
import { historyStore } from './store/history.ts'
import { integrationStore } from './store/integrations.ts'
import { jobQueue } from './store/job-queue.ts'
import { readiness } from './store/readiness.ts'
import { statusStore } from './store/status.ts'
import { sweepStore } from './store/sweep.ts'
import { workStore } from './store/work.ts'
import { secretsManagerVaults } from './vault/client.ts'

export const builtPage = fileURLToPath(new URL('../../web/dist', import.meta.url))

/** Longest time that a stopping server waits for attempts in progress, milliseconds. */
const drainTime = 20_000

/** The one place where the parts meet. Nothing is connected or listened to before it is called. */
export function compose(config: Config, { log, practiceDelays }: { log: Logger; practiceDelays?: readonly number[] }) {
  const databaseUrl = config.DATABASE_URL.reveal()
  const pool = openPool(databaseUrl, { connections: 10, applicationName: 'pms' })
  const db = openDatabase(pool)
  const statements = openStatements(pool)
  const notices = listenForChanges(databaseUrl, log)
  const vaults = secretsManagerVaults({
    region: config.AWS_REGION,
    namePrefix: config.SECRET_NAME_PREFIX,
    kmsKeyId: config.SECRET_KMS_KEY_ID,
    log,
  })
  const sikkas = sikkaClients({
    application: { id: config.SIKKA_APP_ID, key: config.SIKKA_APP_KEY },
    authorizationPage: config.SIKKA_OAUTH_URL,
    redirectUri: config.SIKKA_REDIRECT_URI,
    apiUrl: config.SIKKA_API_URL,
    log,
  })
  const upstreams: UpstreamsFor = (caller) => ({ sikka: sikkas.for(caller), vault: vaults.for(caller) })
  const jobs = jobQueue(databaseUrl, log)
  const status = currentStatus(statusStore(statements), notices, systemClock)
  const attemptsStored = attemptStore(statements, jobs)
  const attempts = {
    ...attemptsStored,
    take: (...[key, change]: Parameters<typeof attemptsStored.take>) =>
      changing(key.accountId, attemptsStored.take(key, change)),
  }
  const attemptWork = workStore(db, statements, jobs)
  const integrations = integrationStore(db, statements, jobs)
  const history = { source: historyStore(db), ids: historyIds(config.STATE_SECRET) }
  const checkDatabase = readiness(db)
  const work = background()
  const draining = createDraining()

  const metrics = createMetrics()
  let jobsRun = false
  let isLeaving = false

  const forPreflight = upstreams({ accountId: 'preflight', isWaitedFor: false })
  const settings = preflight(
    {
      secrets_manager: {
        run: (signal) => checkStorage({ vault: forPreflight.vault, integrations }, signal),
        advice: 'Check AWS_REGION, SECRET_NAME_PREFIX, SECRET_KMS_KEY_ID, the credentials and the role (SECURITY.md).',
        spacing: 0,
      },
      sikka: {
        run: (signal) => forPreflight.sikka.checkApplication(signal),
        advice: 'Check SIKKA_APP_ID, SIKKA_APP_KEY and SIKKA_API_URL.',
        spacing: 15_000,
      },
      sign_in: {
        run: () => checkKeySet(config.AUTH_JWKS_URL),
        advice: 'Check AUTH_ISSUER and AUTH_JWKS_URL.',
        spacing: 1_000,
      },
    },
    log,
  )
  metrics.watch({
    preflight: () => settings.verdicts(),
    upstreams: () => ({
      sikka: forPreflight.sikka.heldBackFor(Infinity) <= 0,
      secrets_manager: forPreflight.vault.heldBackFor() <= 0,
    }),
    isListening: () => notices.isListening(),
    pool,
  })
  let settingsTimer: NodeJS.Timeout | undefined
  /** A call was refused because of our settings: they may have become wrong. */
  const onConfigFailure = (): void => work.track(settings.suspect())

  const leases = attemptLeases(attemptWork, log)
  const statusParts = { status, notices, draining }
  /** Whoever is told that something is done, and asks, is not told what was before: here; elsewhere by its notice. */
  async function changing<Result>(accountId: string, change: Promise<Result>): Promise<Result> {
    try {
      return await change
    } finally {
      status.forget(accountId)
    }
  }
  const statusNow = async (accountId: string, attemptId?: string) => {
    const input = attemptId === undefined ? {} : { attemptId }
    const answer = await connectionStatus(statusParts, accountId, input)
    return answer?.status
  }
  const completion = {
    attempts,
    work: attemptWork,
    integrations,
    upstreams,
    leases,
    log,
    track: work.track,
    isPassing: isDatabaseUnavailable,
    brake: refusalBrake(),
    onEnd(outcome: Parameters<typeof metrics.attemptEnded>[0]) {
      metrics.attemptEnded(outcome)
      if (outcome === 'CONFIG') onConfigFailure()
    },
    unnamedOffice: config.SIKKA_UNNAMED_OFFICE,
    ...(practiceDelays ? { practiceDelays } : {}),
  }
  const useCases: UseCases = {
    signIn: accountOfRequest({
      verify: tokenVerifier({
        issuer: config.AUTH_ISSUER,
        clientId: config.AUTH_CLIENT_ID,
        jwksUrl: config.AUTH_JWKS_URL,
      }),
      accounts: accountStore(statements),
      notices,
    }),
    startConnection: (accountId, requestId) =>
      changing(
        accountId,
        startConnection(
          { attempts, upstreams, preflight: settings, stateKeys: config.STATE_SECRET },
          { accountId, requestId },
        ),
      ),
    connectionStatus: (accountId, input, signal) => connectionStatus(statusParts, accountId, input, signal),
    async choosePractice(accountId, { attemptId, choiceId }, requestId) {
      const attempt = { id: attemptId, accountId }
      const isChosen = await changing(accountId, choosePractice(completion, attempt, choiceId, requestId))
      const answer = await statusNow(accountId, attemptId)
      return isChosen || !answer ? answer : 'no such choice'
    },
    async declineChoice(accountId, { attemptId }, requestId) {
      await changing(accountId, attemptWork.decline({ id: attemptId, accountId }, requestId))
      return statusNow(accountId, attemptId)
    },
    async disconnect(accountId, requestId) {
      await changing(accountId, integrations.disconnect(accountId, requestId))
      const answer = await statusNow(accountId)
      if (!answer) throw new Error('An account always has a status')
      return answer
    },
    history: (accountId, input) => connectionHistory(history, accountId, input),
    recognizeReturn: (query, browserToken) => recognizeReturn(config.STATE_SECRET, query, browserToken, Date.now()),
    receiveCallback: (query, browserToken, requestId) =>
      receiveCallback({ ...completion, stateKeys: config.STATE_SECRET }, query, browserToken, requestId),
    async checkReady() {
      if (isLeaving || draining.hasBegun()) throw new Error('The server is stopping')
      if (!jobsRun) throw new Error('The server is starting')
      await checkDatabase()
      const isWell = Object.values(settings.verdicts()).every((verdict) => verdict === 'ok')
      return isWell && forPreflight.sikka.heldBackFor(Infinity) <= 0 && forPreflight.vault.heldBackFor() <= 0
        ? 'ready'
        : 'degraded'
    },
  }

  const refreshing = new Map<string, ReturnType<typeof refreshKeys>>()
  const jobUseCases = {
    watchAttempt: (attempt: { id: string; accountId: string }) => watchAttempt(completion, attempt),
    /** Those that ask while one is under way share it; the row's lease does the same between servers. */
    refreshKeys(integrationId: string) {
      const underWay = refreshing.get(integrationId)
      if (underWay) return underWay
      const refresh = refreshKeys({ ...completion, onRefresh: metrics.refreshEnded }, integrationId)
      refreshing.set(integrationId, refresh)
      const over = () => refreshing.delete(integrationId)
      refresh.then(over, (error: unknown) => {
        over()
        if (error instanceof ConnectionFailure && error.code === 'CONFIG') onConfigFailure()
      })
      return refresh
    },
    settleSecret: (settling: Settling, tries: number) => settleSecret(completion, settling, tries),
    revokeVersion: (version: Parameters<typeof revokeVersion>[1]) => revokeVersion(completion, version),
    releaseGrant: (attempt: Parameters<typeof releaseGrant>[1]) => releaseGrant(completion, attempt),
    sweep: () => sweepStore(db, jobs).sweep(),
  }
  let jobsStopped: Promise<void> | undefined

  return {
    app: createApp({
      config,
      useCases,
      track: work.track,
      log,
      pageFolder: builtPage,
      isUnavailable: isDatabaseUnavailable,
      metrics,
      limits: edgeLimits(config, {
        pool,
        onStoreFailure(error) {
          metrics.limitStoreFailed()
          log.error({ err: error }, 'the database cannot count starts for all servers: this one counts its own')
        },
      }),
    }),
    createMetricsServer: metrics.createServer,
    /** Makes ready: jobs are sent and taken from now on. @throws {Error} saying why the database cannot be used */
    async prepare() {
      await checkDatabase()
      await settings.runDue()
      settingsTimer ??= setInterval(() => void settings.runDue(), preflightTimes.look).unref()
      const refreshKeysJob = (id: string) => refreshInTime(integrations, (each) => jobUseCases.refreshKeys(each), id)
      await runJobs(jobs, { ...jobUseCases, refreshKeys: refreshKeysJob }, log)
      jobsRun = true
    },
    /** What the jobs do, to be done at once. */
    jobUseCases,
    /** Held requests, by what may wake them. */
    held: () => ({ byNotices: notices.waiting(), byDraining: draining.waiting() }),
    /** Whether our settings are accepted, to be asked at once. */
    checkSettings: () => settings.suspect(),
    /** What has been heard of changes by others. */
    notices,
    /** From now on not ready, so that balancers send new requests elsewhere; all else goes on. */
    stopBeingReady() {
      isLeaving = true
    },
    /** From now on not ready; held requests answer at once, and no job is begun. */
    startDraining() {
      draining.begin()
      clearInterval(settingsTimer)
      jobsStopped ??= jobs.stop(drainTime).catch((error: unknown) => log.warn({ err: error }, 'jobs were not stopped'))
    },
    /** Waits for attempts in progress, 20 seconds at most; what is not finished is handed back to the other servers. */
    async finishWork(patience = drainTime) {
      const [isDone] = await Promise.all([work.settle(patience), jobsStopped])
      if (isDone) return
      await leases
        .handBackAll()
        .catch((error: unknown) => log.error({ err: error }, 'attempts could not be handed back'))
    },
    /** Lets go of everything. */
    async close() {
      draining.begin()
      clearInterval(settingsTimer)
      await notices.close()
      await jobs.close()
      vaults.close()
      await sikkas.close()
      await db.$disconnect()
    },
  }
}
