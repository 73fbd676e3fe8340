/**
 * Asks for statuses as a server does, with the store and the notices of a server and nothing else, and measures what is
 * left of that on the heap: in a process of its own, run with --expose-gc, so that nothing else is.
 */
import { openDatabase } from '@pms/prisma/client'
import { pino } from 'pino'
import { systemClock } from '../../src/clock.ts'
import { currentStatus } from '../../src/connection/current-status.ts'
import type { Status } from '../../src/connection/status-of.ts'
import { listenForChanges } from '../../src/store/change-notices.ts'
import { statusSource } from '../../src/store/status.ts'
import { accountIdOf } from './many-practices.ts'
import { until } from './until.ts'

/** So many questions; of these every tenth goes through all accounts, and the others are of a few. */
export interface MemoryOrder {
  databaseUrl: string
  questions: number
  accounts: number
  few: number
}

/** Heap in bytes: before the questions, and at once after the last answer. */
export interface MemoryReport {
  before: number
  after: number
  lookUps: number
  wrong: number
  /** timers that have not fired yet */
  timers: number
}

/** Most questions that wait for a look-up at once: two for each that a statement may ask, of four statements. */
const atOnce = 2_000

async function measure({ databaseUrl, questions, accounts, few }: MemoryOrder): Promise<MemoryReport> {
  const db = openDatabase(databaseUrl)
  const notices = listenForChanges(databaseUrl, pino({ level: 'silent' }))
  const status = currentStatus(statusSource(db), notices, systemClock)
  await until(() => notices.isListening())
  let waiting: Promise<void>[] = []
  let lookUps = 0
  let wrong = 0
  const check = (index: number, answer: Status | undefined): void => {
    if (answer?.said.practiceName !== `Practice ${index}`) wrong += 1
  }
  async function ask(index: number): Promise<void> {
    const answer = status.read(accountIdOf(index), undefined)
    if (!(answer instanceof Promise)) return check(index, answer)
    lookUps += 1
    waiting.push(answer.then((later) => check(index, later)))
    if (waiting.length < atOnce) return
    await Promise.all(waiting)
    waiting = []
  }
  const heap = async (): Promise<number> => {
    await Promise.all(waiting)
    waiting = []
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }

  // What is made at the first questions is there before.
  for (let index = 1; index <= atOnce; index++) await ask(accounts + index)
  wrong = 0
  const before = await heap()
  for (let question = 0; question < questions; question++) {
    await ask(1 + (question % 10 === 0 ? (question / 10) % accounts : question % few))
  }
  const after = await heap()
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  // What is measured is kept until here.
  await status.read(accountIdOf(1), undefined)
  await notices.close()
  await db.$disconnect()
  return { before, after, lookUps, wrong, timers }
}

process.on('message', (order: MemoryOrder) => {
  void measure(order).then((report) => process.send?.(report, () => process.exit()))
})
