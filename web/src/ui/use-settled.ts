import { useEffect, useState } from 'react'

/** How long a question is shown before it can be answered, milliseconds: a double click or a second tap is over by then. */
const settleTime = 500

/**
 * Keeps the click or tap that made a question appear from answering it: false for half a second. The element around its
 * buttons then has the class `settling`, so that they take no pointer. Nothing is announced as disabled, since a screen
 * reader takes longer to read the question.
 */
export function useSettled(): boolean {
  const [isSettled, setSettled] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), settleTime)
    return () => clearTimeout(timer)
  }, [])
  return isSettled
}
