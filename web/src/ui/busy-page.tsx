import { useWords } from '../words/use-words.tsx'
import { Busy } from './busy.tsx'
import { PageFrame } from './page-frame.tsx'

/** A page that is about to be there. */
export function BusyPage({ text }: { text?: string }) {
  const { frame } = useWords()
  return (
    <PageFrame>
      <Busy text={text ?? frame.loading} />
    </PageFrame>
  )
}
