import type { Socket } from 'node:net'
import { reset } from './reset.ts'
import type { Said, Verdict } from './treatment.ts'

/** Bytes that a direction keeps while they may not go on; then the sender has to wait, as on any line. */
const room = 1024 * 1024

/** One direction of a line. */
export interface Flow {
  /** Looks again at what waits: the rule is another one. */
  look: () => void
  /** Nothing goes on any more; what waits is dropped. */
  stop: () => void
}

/**
 * What one socket says reaches the other in order, as the rule lets it.
 * @param breakLine told when the rule wants an end of the line: after these last bytes, or by a reset
 */
export function startFlow(
  from: Socket,
  to: Socket,
  rule: (said: Said) => Verdict,
  breakLine: (lastBytes?: Buffer) => void,
): Flow {
  const waiting: { said: Said; since: number }[] = []
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  function add(said: Said): void {
    if (stopped) return
    waiting.push({ said, since: performance.now() })
    bytes += sizeOf(said)
    look()
  }

  function look(): void {
    clearTimeout(timer)
    for (let next = waiting[0]; next && !to.writableNeedDrain; next = waiting[0]) {
      const verdict = rule(next.said)
      if (verdict.do === 'hold') break
      if (verdict.do === 'reset') return breakLine()
      if (verdict.do === 'end') return breakLine(verdict.with)
      const wait = verdict.do === 'delay' ? next.since + verdict.by - performance.now() : 0
      if (wait > 0) {
        timer = setTimeout(look, wait)
        break
      }
      waiting.shift()
      bytes -= sizeOf(next.said)
      tell(to, next.said)
    }
    if (bytes < room) from.resume()
    else from.pause()
  }

  from.on('data', add)
  from.on('end', () => add('end'))
  from.on('error', () => add('reset'))
  to.on('drain', look)
  // Whoever waits to be drained is not told otherwise that this will never be.
  to.on('close', look)
  return {
    look,
    stop: () => {
      stopped = true
      clearTimeout(timer)
      waiting.length = 0
      // So that its end is noticed.
      from.resume()
    },
  }
}

function tell(to: Socket, said: Said): void {
  if (said === 'reset') reset(to)
  else if (said === 'end') to.end()
  else to.write(said)
}

function sizeOf(said: Said): number {
  return Buffer.isBuffer(said) ? said.length : 0
}
