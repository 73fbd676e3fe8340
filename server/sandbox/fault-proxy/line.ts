import { connect, type Socket } from 'node:net'
import { startFlow } from './flow.ts'
import { unfoldStatements } from './prepared-statements.ts'
import { reset } from './reset.ts'
import type { Treatment } from './treatment.ts'

export interface Target {
  host: string
  port: number
}

/** A client's connection and the one to the target that belongs to it. */
export interface Line {
  /** From now on, and for what waits. */
  treat: (treatment: Treatment) => void
  destroy: () => void
  /** resolves when both connections are closed */
  closed: Promise<unknown>
}

/** @param near accepted with `allowHalfOpen`: either side may end before the other */
export function openLine(near: Socket, target: Target, first: Treatment): Line {
  let treatment = first
  const far = connect({ ...target, allowHalfOpen: true, noDelay: true })
  const unfold = unfoldStatements()
  const requests = startFlow(
    near,
    far,
    (said) => treatment('request', Buffer.isBuffer(said) ? unfold(said) : said),
    breakLine,
  )
  const answers = startFlow(far, near, (said) => treatment('answer', said), breakLine)

  function stop(): void {
    requests.stop()
    answers.stop()
    far.destroy()
  }

  function breakLine(lastBytes?: Buffer): void {
    stop()
    if (lastBytes) near.end(lastBytes)
    else reset(near)
  }

  return {
    treat: (next) => {
      treatment = next
      requests.look()
      answers.look()
    },
    destroy: () => {
      stop()
      near.destroy()
    },
    closed: Promise.all([closed(near), closed(far)]),
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()))
}
