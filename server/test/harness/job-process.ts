/**
 * A whole server without a port, which does its jobs when its parent says so: many at once, at the same moment as
 * another such process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { compose } from '../../src/compose.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { ConnectionFailure } from '../../src/failure.ts'
import type { Order, Report } from './two-servers.ts'

const server = compose(readEnvironment(process.env), { log: pino({ level: 'info' }) })
// As main.ts does: a database that is slow at first is tried again. The parent's patience ends it.
while (
  !(await server.prepare().then(
    () => true,
    () => false,
  ))
)
  await sleep(100)

async function once(order: Order): Promise<string> {
  try {
    if ('refresh' in order) return await server.jobUseCases.refreshKeys(order.refresh)
    await Promise.all(order.watch.map((attempt) => server.jobUseCases.watchAttempt(attempt)))
    return 'watched'
  } catch (error) {
    return error instanceof ConnectionFailure ? error.code : String(error)
  }
}

function report(message: Report): void {
  process.send?.(message)
}

process.on('message', ({ number, order, times }: { number: number; order: Order; times: number }) => {
  void Promise.all(Array.from({ length: times }, () => once(order))).then((outcomes) => report({ number, outcomes }))
})
report({ number: 0, outcomes: ['ready'] })
