import { Busy } from '../ui/busy.tsx'
import { useWords } from '../words/use-words.tsx'

/** Where to go on is not known yet. */
export function LoadingSetup() {
  return <Busy text={useWords().loading.heading} />
}
