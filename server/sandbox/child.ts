import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** A process of the system, and how to end it. */
export interface Child {
  /** resolves when it has ended, by itself or not */
  ended: Promise<void>
  hasEnded: () => boolean
  /** SIGTERM, and waits for its end. Safe to call twice. */
  stop: () => Promise<void>
}

/** Settings of the person's own shell must not reach the production server. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'LOG_LEVEL']

/**
 * Starts a command with these variables and hardly any other.
 * @param log file for what it prints; its errors come here in any case
 */
export function startChild(
  command: string,
  args: string[],
  { cwd, env, log }: { cwd: string; env: Record<string, string>; log?: string },
): Child {
  const own = passedOn.flatMap((name): [string, string][] => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ['ignore', log === undefined ? 'ignore' : 'pipe', 'inherit'],
  })
  if (log !== undefined) child.stdout?.pipe(createWriteStream(log))
  const ended = once(child, 'exit').then(() => undefined)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return {
    ended,
    hasEnded,
    stop: async () => {
      if (!hasEnded()) child.kill('SIGTERM')
      await ended
    },
  }
}
