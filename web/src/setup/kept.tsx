import { Button } from '../ui/button.tsx'
import { CallProblem } from './call-problem.tsx'
import type { StartConnection } from './use-start-connection.ts'
import { setupWords } from './words.ts'

const words = setupWords.kept

/** The way on after a no: another practice, or yes after all. */
export function Kept({ start, reconsider }: { start: StartConnection; reconsider: () => void }) {
  return (
    <>
      <CallProblem failure={start.failure} words={setupWords.startProblem} />
      <div className="actions">
        <Button onClick={start.begin}>{words.again}</Button>
        <Button look="secondary" onClick={reconsider}>
          {words.reconsider}
        </Button>
      </div>
    </>
  )
}
