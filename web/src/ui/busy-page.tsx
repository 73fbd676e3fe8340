import { useWords } from '../words/use-words.tsx'
import { PageFrame } from './page-frame.tsx'
import { Skeleton } from './skeleton.tsx'

/** Something is under way that takes a moment: the shape of what comes, and in a word what it is. */
export function BusyPage({ text }: { text?: string }) {
  const words = useWords()
  return (
    <PageFrame>
      <div className="message">
        <section className="card busy">
          <output className="busy-text">{text ?? words.frame.loading}</output>
          <Skeleton lines={3} />
        </section>
      </div>
    </PageFrame>
  )
}
