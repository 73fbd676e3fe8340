import type { Fault } from './fault.ts'

/** The fault that holds now, if any, and how many lines it has struck. */
export interface PresentFault {
  readonly fault: Fault | null
  readonly strikes: number
  /** @returns whether it may strike; false once it has done so `times` times */
  strike(): boolean
}

export function presentFault(fault: Fault | null, onStrike: () => void): PresentFault {
  const times = (fault && 'times' in fault ? fault.times : undefined) ?? Number.POSITIVE_INFINITY
  let strikes = 0
  return {
    fault,
    get strikes() {
      return strikes
    },
    strike() {
      if (strikes >= times) return false
      strikes += 1
      onStrike()
      return true
    },
  }
}
