import { useEffect, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { useWords } from '../words/use-words.tsx'
import type { DisconnectQuestion } from './disconnect-question.tsx'
import type { PracticeName } from './setup-view.ts'
import type { Disconnect } from './use-disconnect.ts'

const loadQuestion = () => import('./disconnect-question.tsx')

/** Ends the connection, after a question. Its code is fetched beforehand, and once more when it is asked for. */
export function DisconnectButton({ practice, ending }: { practice: PracticeName; ending: Disconnect }) {
  const { disconnect: words, disconnectProblem } = useWords()
  const [Question, setQuestion] = useState<typeof DisconnectQuestion>()
  const [isMissing, setMissing] = useState(false)
  useEffect(() => void loadQuestion().catch(() => undefined), [])

  async function ask() {
    const loaded = await loadQuestion().catch(() => undefined)
    setQuestion(() => loaded?.DisconnectQuestion)
    setMissing(loaded === undefined)
  }

  function close() {
    ending.reset()
    setQuestion(undefined)
  }

  return (
    <>
      <Button look="quiet" onClick={() => void ask()}>
        {words.open}
      </Button>
      {isMissing && (
        <Notice urgent>
          <p>{disconnectProblem.unreachable}</p>
        </Notice>
      )}
      {Question && <Question practice={practice} ending={ending} onClose={close} />}
    </>
  )
}
