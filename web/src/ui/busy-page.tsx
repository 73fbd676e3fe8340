import { PageFrame } from './page-frame.tsx'
import { Spinner } from './spinner.tsx'
import { frameWords } from './words.ts'

/** Something is under way that takes a moment. */
export function BusyPage({ text = frameWords.loading }: { text?: string }) {
  return (
    <PageFrame>
      <output className="busy">
        <Spinner />
        {text}
      </output>
    </PageFrame>
  )
}
