import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Reference } from './reference.tsx'
import { setupWords } from './words.ts'

const words = setupWords.timedOut

interface TimedOutProps {
  attemptId: string | undefined
  checkAgain: () => Promise<boolean>
}

/** Not known yet: the page goes on asking, and asks at once when told to. */
export function TimedOut({ attemptId, checkAgain }: TimedOutProps) {
  const [checking, setChecking] = useState(false)
  const [checkedAt, setCheckedAt] = useState<string>()

  async function check() {
    setChecking(true)
    const answered = await checkAgain()
    setChecking(false)
    if (answered) setCheckedAt(new Date().toLocaleTimeString())
  }

  return (
    <>
      <Reference id={attemptId} />
      <div className="actions">
        <Button busy={checking} onClick={() => void check()}>
          {checking ? words.checking : words.button}
        </Button>
      </div>
      <output className="checked">{checkedAt && `${words.checkedAt} ${checkedAt}.`}</output>
    </>
  )
}
