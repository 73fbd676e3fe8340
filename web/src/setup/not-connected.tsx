import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Button } from '../ui/button.tsx'
import { useWords } from '../words/use-words.tsx'
import { installPath } from './paths.ts'

interface NotConnectedProps {
  installed: boolean
  start: () => void
  /** why the start before was refused */
  problem: ReactNode
}

/** How to get ready, unless that is done, and the button that starts. */
export function NotConnected({ installed, start, problem }: NotConnectedProps) {
  const { notConnected: words } = useWords()
  return (
    <>
      {!installed && (
        <ol className="guide">
          {words.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      {problem}
      <div className="actions">
        <Button onClick={start}>{words.button}</Button>
        {!installed && (
          <Link className="button button-secondary" href={installPath}>
            {words.toInstall}
          </Link>
        )}
      </div>
    </>
  )
}
