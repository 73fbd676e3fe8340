import type { PracticeName } from './setup-view.ts'
import { setupWords } from './words.ts'

/** "Smile Dental (Dentrix)". Both names come from outside: the direction of their letters stays within them. */
export function PracticeText({ practice: { practiceName, pmsType } }: { practice: PracticeName }) {
  return (
    <>
      <bdi>{practiceName ?? setupWords.connected.yourPractice}</bdi>
      {pmsType !== undefined && (
        <>
          {' ('}
          <bdi>{pmsType}</bdi>)
        </>
      )}
    </>
  )
}
