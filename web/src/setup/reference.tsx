import { useWords } from '../words/use-words.tsx'

/** What to quote to support, so that the server's log can be searched for it. */
export function Reference({ id }: { id: string | undefined }) {
  const { failed } = useWords()
  if (id === undefined) return null
  return (
    <p className="reference">
      {failed.reference} <code>{id}</code>
    </p>
  )
}
