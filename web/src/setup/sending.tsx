import { useWords } from '../words/use-words.tsx'

/** Says that the answer to a question is on its way. */
export function Sending({ busy }: { busy: boolean }) {
  const { problem } = useWords()
  return <output className="checked">{busy && problem.sending}</output>
}
