import { Button } from '../ui/button.tsx'
import { Reference } from './reference.tsx'
import { setupWords } from './words.ts'

/** The server refused to say how things stand. */
export function Broken({ requestId, onRetry }: { requestId: string | undefined; onRetry: () => Promise<unknown> }) {
  return (
    <>
      <Reference id={requestId} />
      <div className="actions">
        <Button onClick={() => void onRetry()}>{setupWords.broken.button}</Button>
      </div>
    </>
  )
}
