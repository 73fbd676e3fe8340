import { Link } from 'wouter'
import { Button } from '../ui/button.tsx'
import { useWords } from '../words/use-words.tsx'
import { CallProblem } from './call-problem.tsx'
import { installPath } from './paths.ts'
import type { StartConnection } from './use-start-connection.ts'

/** How to get ready, unless that is done, and the button that starts. */
export function NotConnected({ installed, start }: { installed: boolean; start: StartConnection }) {
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
      <CallProblem failure={start.failure} call="start" />
      <div className="actions">
        <Button onClick={start.begin}>{words.button}</Button>
        {!installed && (
          <Link className="button button-secondary" href={installPath}>
            {words.toInstall}
          </Link>
        )}
      </div>
    </>
  )
}
