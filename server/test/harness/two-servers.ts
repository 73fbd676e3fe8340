import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { compileCache } from './process.ts'
import type { StandIns } from './stand-ins.ts'

const file = fileURLToPath(new URL('./job-process.ts', import.meta.url))

/** What a worker is told to do: refresh the keys of an integration, or look after these attempts. */
export type Order = { refresh: string } | { watch: { id: string; accountId: string }[] }

/** @property number of the order; 0 when it is ready for the first */
export interface Report {
  number: number
  outcomes: string[]
}

/** A server in a process of its own that does jobs on demand, and its part of those that are there anyway. */
export interface Worker extends AsyncDisposable {
  /** @returns what came of each of the `times` that it was done at once */
  work: (order: Order, times: number) => Promise<string[]>
  /** all that it has logged */
  output: () => string
}

/** Starts one on the stand-ins, and waits until it is ready. @param environment other variables than theirs */
export async function startWorker(standIns: StandIns, environment: Record<string, string> = {}): Promise<Worker> {
  const { PATH = '', HOME = '' } = process.env
  const child = fork(file, {
    env: { PATH, HOME, ...compileCache, ...standIns.variables, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const waiting = new Map<number, { resolve: (outcomes: string[]) => void; reject: (error: Error) => void }>()
  const reportOf = (number: number) =>
    new Promise<string[]>((resolve, reject) => {
      waiting.set(number, { resolve, reject })
    })
  child.on('message', ({ number, outcomes }: Report) => {
    waiting.get(number)?.resolve(outcomes)
    waiting.delete(number)
  })
  const ended = once(child, 'close')
  child.once('close', () => {
    for (const { reject } of waiting.values()) reject(new Error(`The worker has ended:\n${output}`))
  })
  await reportOf(0)
  let orders = 0
  return {
    async work(order, times) {
      const number = ++orders
      const report = reportOf(number)
      child.send({ number, order, times })
      return report
    },
    output: () => output,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
