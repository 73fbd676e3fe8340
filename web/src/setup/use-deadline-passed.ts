import type { ConnectionStatus } from '@pms/shared/connection-status'
import { useEffect, useState } from 'react'
import { timeLeft } from './next-poll.ts'

/**
 * Whether the page should stop expecting an outcome. The time left is what the server said in its newest answer;
 * this browser only measures how long ago that was. Once passed, a deadline stays passed.
 */
export function useDeadlinePassed(answer: ConnectionStatus | undefined): boolean {
  const [passed, setPassed] = useState<string>()
  const deadline = answer?.deadline
  const left = answer && timeLeft(answer)

  useEffect(() => {
    if (left === undefined || left <= 0) return undefined
    const timer = setTimeout(() => setPassed(deadline), left)
    return () => clearTimeout(timer)
  }, [deadline, left])

  return left !== undefined && (left <= 0 || passed === deadline)
}
