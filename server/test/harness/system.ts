import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { compose } from '../../src/compose.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { bind } from '../../src/listen.ts'
import { startStandIns, type StandIns } from './stand-ins.ts'

/** The production server in this process, with its stand-ins. */
export interface System extends StandIns {
  /** every line the server has logged */
  log: string[]
  /** waits until something is so; the test's own time limit ends it */
  until: (isSo: () => Promise<boolean>) => Promise<void>
  /** waits until no attempt is in progress */
  finishWork: () => Promise<void>
  startDraining: () => void
  /** how many requests wait to be woken, by what */
  held: () => { byNotices: number; byDraining: number }
  /** what Prometheus would read now */
  metrics: () => Promise<string>
  /** looks after an attempt now, as its job does */
  watch: (attemptId: string) => Promise<void>
  /** refreshes keys now, as their job does */
  refreshKeys: (integrationId: string) => Promise<string>
  /** looks for what nobody has looked after now, as its job does */
  sweep: () => Promise<object>
}

/**
 * @param environment further variables of contract section 3, or others than the sandbox's
 * @param practiceDelays pauses before the list of practices is asked for again, milliseconds
 */
export async function startSystem({
  environment = {},
  practiceDelays = [5, 5],
}: { environment?: Record<string, string>; practiceDelays?: readonly number[] } = {}): Promise<System> {
  const listener = await bind('127.0.0.1', 0)
  const standIns = await startStandIns(listener.port)
  const variables = { ...standIns.variables, ...environment }
  // The AWS SDK reads its own variables itself; the server reads nothing but what it is given.
  for (const [name, value] of Object.entries(variables)) if (name.startsWith('AWS_')) process.env[name] = value
  const log: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) })
  const server = compose(readEnvironment(variables), { log: logger, practiceDelays })
  listener.serve(server.app, logger)
  // As main.ts does: a database that is slow at first is tried again.
  const giveUpAt = performance.now() + 30_000
  for (;;) {
    try {
      await server.prepare()
      break
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
      await sleep(100)
    }
  }

  const metricsServer = server.createMetricsServer().listen(0, '127.0.0.1')
  await once(metricsServer, 'listening')
  const { port: metricsPort } = metricsServer.address() as AddressInfo
  const stop = async (): Promise<void> => {
    metricsServer.close()
    server.startDraining()
    await Promise.all([listener.close(), server.finishWork()])
    await server.close()
    await standIns.stop()
  }
  return {
    ...standIns,
    log,
    until: async (isSo) => {
      while (!(await isSo())) await sleep(10)
    },
    reset: async () => {
      for (const line of Object.values(standIns.lines)) line.heal()
      await server.finishWork()
      await standIns.reset()
      await server.checkSettings()
      log.length = 0
    },
    finishWork: () => server.finishWork(),
    startDraining: () => server.startDraining(),
    held: server.held,
    metrics: async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    watch: async (id) => {
      const { accountId } = await standIns.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
      await server.jobUseCases.watchAttempt({ id, accountId })
    },
    refreshKeys: (integrationId) => server.jobUseCases.refreshKeys(integrationId),
    sweep: () => server.jobUseCases.sweep(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
