import { useWords } from '../words/use-words.tsx'
import type { PracticeName } from './setup-view.ts'

/** "Smile Dental (Dentrix)". Both names come from outside: the direction of their letters stays within them. */
export function PracticeText({ practice: { practiceName, pmsType } }: { practice: PracticeName }) {
  const { connected } = useWords()
  return (
    <>
      <bdi>{practiceName ?? connected.yourPractice}</bdi>
      {pmsType !== undefined && (
        <>
          {' ('}
          <bdi>{pmsType}</bdi>)
        </>
      )}
    </>
  )
}
