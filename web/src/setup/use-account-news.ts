import type { ConnectionStatus } from '@pms/shared/connection-status'
import { useEffect, useRef } from 'react'
import { useSay } from '../ui/toasts.tsx'
import { fill } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'

/** Says what became of the account's connection while the person looks at something else: in another tab, or by itself. */
export function useAccountNews(answer: ConnectionStatus | undefined): void {
  const { toasts: words, connected, lost } = useWords()
  const say = useSay()
  const before = useRef(answer)
  useEffect(() => {
    const was = before.current
    before.current = answer
    if (!was || !answer || was.isConnected === answer.isConnected) return
    // The direction of the name's letters stays within it.
    const practice = `\u2068${answer.practiceName ?? was.practiceName ?? connected.yourPractice}\u2069`
    if (answer.isConnected) say(fill(words.connected, { practice }), 'good')
    else if (answer.status === 'failed') say(fill(lost.heading, { practiceName: practice }), 'warning')
    else if (answer.status === 'pending') say(words.disconnected, 'good')
  }, [answer, connected, lost, say, words])
}
