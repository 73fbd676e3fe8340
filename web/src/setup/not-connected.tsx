import { Button } from '../ui/button.tsx'
import { CallProblem } from './call-problem.tsx'
import type { StartConnection } from './use-start-connection.ts'
import { setupWords } from './words.ts'

/** How to get ready, and the button that starts. */
export function NotConnected({ start }: { start: StartConnection }) {
  return (
    <>
      <ol className="guide">
        {setupWords.notConnected.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <CallProblem failure={start.failure} words={setupWords.startProblem} />
      <div className="actions">
        <Button onClick={start.begin}>{setupWords.notConnected.button}</Button>
      </div>
    </>
  )
}
