import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { fill } from '../words/filled.tsx'
import { useLanguage, useWords } from '../words/use-words.tsx'
import { Reference } from './reference.tsx'

interface TimedOutProps {
  attemptId: string | undefined
  checkAgain: () => Promise<boolean>
}

/** Not known yet: the page goes on asking, and asks at once when told to. */
export function TimedOut({ attemptId, checkAgain }: TimedOutProps) {
  const { timedOut: words } = useWords()
  const { language } = useLanguage()
  const [checking, setChecking] = useState(false)
  const [checkedAt, setCheckedAt] = useState<Date>()

  async function check() {
    setChecking(true)
    const answered = await checkAgain()
    setChecking(false)
    if (answered) setCheckedAt(new Date())
  }

  return (
    <>
      <Reference id={attemptId} />
      <div className="actions">
        <Button busy={checking} onClick={() => void check()}>
          {checking ? words.checking : words.button}
        </Button>
      </div>
      <output className="checked">
        {checkedAt && fill(words.checkedAt, { time: checkedAt.toLocaleTimeString(language) })}
      </output>
    </>
  )
}
