import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { builtPage, compose } from './compose.ts'
import { readEnvironment, type Config } from './config/environment.ts'
import { withoutSecrets } from './config/log-secrets.ts'
import { checkPageHoldsNoSecret, secretsOf } from './config/page-secrets.ts'
import { StartError } from './config/start-error.ts'
import { bind } from './listen.ts'

/** How long to wait for the database at the start, and between two tries; milliseconds. */
const databasePatience = 30_000
const databasePause = 500

/** A server that does not stop by itself is stopped this long after it began to close, milliseconds. */
const hardStop = 25_000

async function main(config: Config): Promise<void> {
  checkPageHoldsNoSecret(config, process.env, builtPage)
  const streamWrite = withoutSecrets(secretsOf(config, process.env))
  const log = pino({ level: config.LOG_LEVEL, hooks: { streamWrite } })
  const listener = await bind(config.HOST, config.PORT)
  const server = compose(config, { log })
  listener.serve(server.app, log)
  log.info({ port: listener.port, host: config.HOST }, 'listening')

  const metricsServer = config.METRICS_PORT === undefined ? undefined : server.createMetricsServer()
  metricsServer?.listen({ host: config.HOST, port: config.METRICS_PORT })
  metricsServer?.on('error', (error) => log.error({ err: error }, 'metrics cannot be read'))

  let stopping = false
  let isReady = false
  const hurry = new AbortController()
  /**
   * Stops once. While it delays, `/readyz` is 503 and everything is served, so that balancers notice before the port
   * closes (S4).
   * @param delay milliseconds
   */
  const stop = async (reason: string, code: number, delay = 0): Promise<void> => {
    if (stopping) return
    stopping = true
    log.info({ reason, delay }, 'stopping')
    setTimeout(() => process.exit(1), delay + hardStop).unref()
    server.stopBeingReady()
    await sleep(delay, undefined, { signal: hurry.signal }).catch(() => undefined)
    server.startDraining()
    metricsServer?.close()
    await Promise.all([listener.close(), server.finishWork()])
    await server.close()
    log.info('stopped')
    process.exit(code)
  }
  process.on('SIGTERM', () => {
    // The second time, whoever stops it does not want to wait. A server that never was ready is in no balancer.
    if (stopping) hurry.abort()
    else void stop('SIGTERM', 0, isReady ? config.DRAIN_DELAY_SECONDS * 1000 : 0)
  })
  process.on('SIGINT', () => {
    hurry.abort()
    void stop('SIGINT', 0)
  })
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection')
    hurry.abort()
    void stop('unhandled rejection', 1)
  })

  const problem = await waitForDatabase(
    () => server.prepare(),
    log,
    () => stopping,
  )
  if (problem === undefined) {
    isReady = true
    log.info({ page: config.APP_BASE_URL }, 'ready')
  } else if (!stopping) {
    log.fatal({ err: problem }, `the database could not be used for ${databasePatience / 1000} seconds`)
    await stop('no database', 1)
  }
}

/** @returns why the database cannot be used, when that stays so */
async function waitForDatabase(
  prepare: () => Promise<void>,
  log: pino.Logger,
  isStopping: () => boolean,
): Promise<unknown> {
  const giveUpAt = performance.now() + databasePatience
  for (let tries = 0; ; tries++) {
    try {
      await prepare()
      return undefined
    } catch (error) {
      if (isStopping() || performance.now() > giveUpAt) return error
      if (tries === 0) {
        log.error({ err: error }, `the database cannot be used; trying again for ${databasePatience / 1000} seconds`)
      }
      await sleep(databasePause)
    }
  }
}

try {
  await main(readEnvironment(process.env))
} catch (error) {
  // What a person can mend in one message; anything else with its stack.
  process.stderr.write(
    `${error instanceof StartError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  )
  process.exit(1)
}
