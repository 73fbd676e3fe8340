import { fileURLToPath } from 'node:url'
import { openDatabase } from '@pms/prisma/client'
import { openPool } from '@pms/prisma/pool'
import type { Logger } from 'pino'
import { background } from './background.ts'
import { systemClock } from './clock.ts'
import { edgeUseCases } from './compose/edge-use-cases.ts'
import { jobUseCases } from './compose/job-use-cases.ts'
import { settingsChecks } from './compose/settings-checks.ts'
import type { Config } from './config/environment.ts'
import { afterwardsForget, currentStatus } from './connection/current-status.ts'
import { attemptLeases } from './connection/leases.ts'
import { preflightTimes } from './connection/preflight.ts'
import { refusalBrake } from './connection/refusal-brake.ts'
import { refreshInTime } from './connection/refresh-keys.ts'
import type { UpstreamsFor } from './connection/upstreams.ts'
import { draining as createDraining } from './draining.ts'
import { createApp } from './http/app.ts'
import { edgeLimits } from './http/limits.ts'
import { metrics as createMetrics } from './http/metrics.ts'
import type { UseCases } from './http/use-cases.ts'
import { runJobs } from './jobs/run-jobs.ts'
import { sikkaClients } from './sikka/client.ts'
import { listenForChanges } from './store/change-notices.ts'
import { isDatabaseUnavailable } from './store/database-unavailable.ts'
import { jobQueue } from './store/job-queue.ts'
import { openStore } from './store/open-store.ts'
import { readiness } from './store/readiness.ts'
import { statusSource } from './store/status.ts'
import { secretsManagerVaults } from './vault/client.ts'

export const builtPage = fileURLToPath(new URL('../../web/dist', import.meta.url))

/** Longest time that a stopping server waits for attempts in progress, milliseconds. */
const drainTime = 20_000

/** The one place where the parts meet. Nothing connects or listens before this call. */
export function compose(config: Config, { log, practiceDelays }: { log: Logger; practiceDelays?: readonly number[] }) {
  const databaseUrl = config.DATABASE_URL.reveal()
  const pool = openPool(databaseUrl, { connections: 10, applicationName: 'pms' })
  const db = openDatabase(pool)
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
  const status = currentStatus(statusSource(db), notices, systemClock)
  const { attempts: attemptsStored, work: attemptWork, integrations } = openStore({ db, jobs })
  const attempts = {
    ...attemptsStored,
    take: (...[key, change]: Parameters<typeof attemptsStored.take>) =>
      afterwardsForget(status)(key.accountId, attemptsStored.take(key, change)),
  }
  const checkDatabase = readiness(db)
  const work = background()
  const draining = createDraining()

  const metrics = createMetrics()
  let jobsRun = false
  let isLeaving = false

  const forPreflight = upstreams({ accountId: 'preflight', isWaitedFor: false })
  const settings = settingsChecks(config, { ...forPreflight, integrations }, log)
  const upstreamsWork = () => ({
    sikka: forPreflight.sikka.heldBackFor(Infinity) <= 0,
    secrets_manager: forPreflight.vault.heldBackFor() <= 0,
  })
  metrics.watch({
    preflight: () => settings.verdicts(),
    upstreams: upstreamsWork,
    isListening: () => notices.isListening(),
    pool,
  })
  let settingsTimer: NodeJS.Timeout | undefined
  /** A call was refused because of our settings: they may have become wrong. */
  const onConfigFailure = (): void => work.track(settings.suspect())

  const leases = attemptLeases(attemptWork, log)
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
    ...edgeUseCases({ config, db, completion, preflight: settings, status: { status, notices, draining } }),
    async checkReady() {
      if (isLeaving || draining.hasBegun()) throw new Error('The server is stopping')
      if (!jobsRun) throw new Error('The server is starting')
      await checkDatabase()
      const isWell = Object.values(settings.verdicts()).every((verdict) => verdict === 'ok')
      return isWell && Object.values(upstreamsWork()).every(Boolean) ? 'ready' : 'degraded'
    },
  }
  const jobsToDo = jobUseCases(completion, { db, jobs }, { onRefresh: metrics.refreshEnded, onConfigFailure })
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
    /** Makes the server ready and starts its jobs. @throws {Error} saying why the database cannot be used */
    async prepare() {
      await checkDatabase()
      await settings.runDue()
      settingsTimer ??= setInterval(() => void settings.runDue(), preflightTimes.look).unref()
      const refreshKeysJob = (id: string) => refreshInTime(integrations, (each) => jobsToDo.refreshKeys(each), id)
      await runJobs(jobs, { ...jobsToDo, refreshKeys: refreshKeysJob }, log)
      jobsRun = true
    },
    /** The jobs' use cases, for direct calls. */
    jobUseCases: jobsToDo,
    /** Held requests, by what may wake them. */
    held: () => ({ byNotices: notices.waiting(), byDraining: draining.waiting() }),
    /** Rechecks our settings as soon as their spacing allows. */
    checkSettings: () => settings.suspect(),
    /** Notifications of changes by others. */
    notices,
    /** Reports not ready, so that balancers send new requests elsewhere; all else goes on. */
    stopBeingReady() {
      isLeaving = true
    },
    /** Reports not ready, answers held requests at once and starts no job. */
    startDraining() {
      draining.begin()
      clearInterval(settingsTimer)
      jobsStopped ??= jobs.stop(drainTime).catch((error: unknown) => log.warn({ err: error }, 'jobs were not stopped'))
    },
    /** Waits for attempts in progress, 20 seconds at most; hands unfinished ones back to the other servers. */
    async finishWork(patience = drainTime) {
      const [isDone] = await Promise.all([work.settle(patience), jobsStopped])
      if (isDone) return
      await leases
        .handBackAll()
        .catch((error: unknown) => log.error({ err: error }, 'attempts could not be handed back'))
    },
    /** Closes everything. */
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
