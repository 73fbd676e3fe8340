import { ChevronDown } from 'lucide'
import { lazy, Suspense, useState } from 'react'
import { Icon } from '../ui/icon.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useWords } from '../words/use-words.tsx'

/** Its code is fetched when it is asked for. */
const HistoryEvents = lazy(() => import('./history-events.tsx').catch(() => ({ default: NotNow })))

interface HistoryProps {
  /** another one means that something has happened since */
  revision: string | undefined
  open?: boolean
}

function NotNow() {
  const { history: words } = useWords()
  return <p role="alert">{words.failed}</p>
}

/** What has happened to the account's connection; read when somebody wants to see it. */
export function History({ revision, open = false }: HistoryProps) {
  const { history: words } = useWords()
  const [isOpen, setOpen] = useState(open)
  return (
    <details className="history" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon of={ChevronDown} />
        <h2>{words.heading}</h2>
      </summary>
      {isOpen && (
        <Suspense fallback={<Skeleton lines={4} />}>
          <HistoryEvents revision={revision} />
        </Suspense>
      )}
    </details>
  )
}
