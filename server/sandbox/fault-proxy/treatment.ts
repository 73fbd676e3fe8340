import { aimAt } from './aim.ts'
import type { Fault } from './fault.ts'
import type { PresentFault } from './present-fault.ts'

type Direction = 'request' | 'answer'

/** What a socket says: bytes, that it has no more of them, or that it is gone. */
export type Said = Buffer | 'end' | 'reset'

export type Verdict =
  | { do: 'pass' }
  | { do: 'hold' }
  | { do: 'reset' }
  /** milliseconds since it was said */
  | { do: 'delay'; by: number }
  /** the line ends with these bytes */
  | { do: 'end'; with: Buffer }

/** What becomes of the next thing said on one line; asked again for as long as it is held. */
export type Treatment = (direction: Direction, said: Said) => Verdict

const pass: Verdict = { do: 'pass' }

/** How one line is treated while that fault holds. */
export function treatmentOf(present: PresentFault): Treatment {
  const { fault } = present
  if (fault === null || fault.kind === 'cut') return () => pass
  let struck = false
  const strikes = () => (struck ||= present.strike())
  if (fault.kind === 'latency') {
    return (_, said) => {
      if (Buffer.isBuffer(said)) strikes()
      return { do: 'delay', by: fault.milliseconds }
    }
  }
  const hit = aimAt(fault.when)
  let left = fault.kind === 'limit' ? fault.bytes : 0
  return (direction, said) => {
    const isHit = direction === 'request' && Buffer.isBuffer(said) ? hit(said) : hit()
    if (direction === 'request' && !concernsRequests(fault)) return pass
    // That a side has gone strikes nothing by itself, or a pool that closes idle lines would be counted.
    if (!Buffer.isBuffer(said)) return struck ? { do: 'hold' } : pass
    if (!isHit) return pass
    if (fault.kind === 'limit' && said.length < left) {
      left -= said.length
      return pass
    }
    if (!strikes()) return pass
    switch (fault.kind) {
      case 'hang':
      case 'hang_answer':
        return { do: 'hold' }
      case 'reset':
      case 'reset_answer':
        return { do: 'reset' }
      case 'limit':
        return { do: 'end', with: said.subarray(0, left) }
    }
  }
}

function concernsRequests({ kind }: Fault): boolean {
  return kind === 'hang' || kind === 'reset'
}
