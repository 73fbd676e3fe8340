import { Button } from '../ui/button.tsx'
import { useWords } from '../words/use-words.tsx'
import { Reference } from './reference.tsx'

/** The server refused to say how things stand. */
export function Broken({ requestId, onRetry }: { requestId: string | undefined; onRetry: () => Promise<unknown> }) {
  const { broken } = useWords()
  return (
    <>
      <Reference id={requestId} />
      <div className="actions">
        <Button onClick={() => void onRetry()}>{broken.button}</Button>
      </div>
    </>
  )
}
