import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { useWords } from '../words/use-words.tsx'
import { Reference } from './reference.tsx'

interface RetryProps {
  requestId?: string | undefined
  /** resolves when it has been asked */
  onRetry: () => Promise<unknown>
}

/** Nothing could be found out: asks again when told to. */
export function Retry({ requestId, onRetry }: RetryProps) {
  const { broken, timedOut } = useWords()
  const [isAsking, setAsking] = useState(false)

  async function ask() {
    setAsking(true)
    await onRetry()
    setAsking(false)
  }

  return (
    <>
      <Reference id={requestId} />
      <div className="actions">
        <Button busy={isAsking} onClick={() => void ask()}>
          {isAsking ? timedOut.checking : broken.button}
        </Button>
      </div>
    </>
  )
}
