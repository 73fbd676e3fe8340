import { Card } from '../ui/card.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useWords } from '../words/use-words.tsx'

/** Where to go on is not known yet. */
export function BusyCard() {
  const { loading } = useWords()
  return (
    <div className="message">
      <Card>
        <output>{loading.heading}</output>
        <Skeleton lines={4} />
      </Card>
    </div>
  )
}
