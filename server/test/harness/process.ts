import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A real process of ours, with what it printed. */
export interface Running {
  pid: number
  /** standard output and error together, so far */
  output: () => string
  /** waits until it has printed this. @throws {Error} when it ends before */
  printed: (text: string | RegExp) => Promise<void>
  kill: (signal: NodeJS.Signals) => void
  /** its exit code, or the signal that ended it */
  ended: Promise<number | NodeJS.Signals>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Processes share compiled code: a server starts in two thirds of the time. */
export const compileCache = { NODE_COMPILE_CACHE: `${root}node_modules/.cache/node` }

/** Runs a file of the workspace on this Node, with these variables and no other. */
export function runProcess(file: string, env: Record<string, string>): Running {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const child = spawn(process.execPath, [file], {
    cwd: root,
    env: { PATH, HOME, ...compileCache, ...(TMPDIR ? { TMPDIR } : {}), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const look of waiting) look()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const look of waiting) look()
    return (code ?? signal) as number | NodeJS.Signals
  })
  return {
    pid: child.pid ?? 0,
    output: () => output,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = typeof text === 'string' ? output.includes(text) : text.test(output)
          if (!found && child.exitCode === null && child.signalCode === null) return
          waiting.delete(look)
          if (found) resolve()
          else reject(new Error(`It ended without printing ${text}:\n${output}`))
        }
        waiting.add(look)
        look()
      }),
    kill: (signal) => void child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
